//! Masking: what looks like a mail address, a phone number or a secret in a text is
//! replaced before the text is kept.
//!
//! | found | replaced by | where |
//! |---|---|---|
//! | `local@domain.tld`, also with `%40` | `[mail]` | everywhere |
//! | 9 to 15 digits, with blanks, hyphens, dots and brackets between | `[phone]` | everywhere; in a path only with a leading `+` or `0`, or a hyphen, since shops number their products |
//! | 16 digits and more | `[token]` | everywhere |
//! | 20 letters and digits in a row, with at least 2 digits and 2 letters | `[token]` | everywhere |
//! | a UUID | `[token]` | everywhere |
//!
//! Ids of products and orders are not to be masked; they are what facts are joined by.

use alloc::{string::String, vec::Vec};

/// What kind of text is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Written for people: a title, a search, what stands on a button.
    Prose,
    /// The path of an address.
    Path,
}

const MAIL: &[u8] = b"[mail]";
const PHONE: &[u8] = b"[phone]";
const TOKEN: &[u8] = b"[token]";

/// The text, masked.
#[must_use]
pub fn mask(text: &str, kind: Kind) -> String {
    let mut out = Vec::new();
    scan::<true>(text.as_bytes(), kind, &mut |part| {
        out.extend_from_slice(part)
    });
    // Only whole runs of bytes were replaced, each beginning and ending at a character.
    String::from_utf8(out).unwrap_or_default()
}

/// Whether masking would leave the text as it is.
#[must_use]
pub fn is_masked(text: &str, kind: Kind) -> bool {
    // Most texts are short and have hardly a digit: too little for anything that is masked.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < 2 && text.len() < 36 && !text.contains('@') {
        return true;
    }
    let (mut rest, mut is_same) = (text.as_bytes(), true);
    scan::<true>(text.as_bytes(), kind, &mut |part| {
        // A part that stays is the text's own; a mask may be as long as what it hides.
        is_same &= rest.starts_with(part);
        rest = rest.get(part.len()..).unwrap_or_default();
    });
    is_same && rest.is_empty()
}

/// Hands on the text, masked, in parts; it is UTF-8. Spares the pixel all allocation.
pub fn mask_into(text: &[u8], kind: Kind, out: &mut impl FnMut(&[u8])) {
    scan::<false>(text, kind, out);
}

/// Masks; where it `SKIPS`, in time that grows with the text's length alone, whatever is in it:
/// no word is looked through twice. The pixel, whose texts are its own page's, spares the bytes
/// that this takes.
fn scan<const SKIPS: bool>(text: &[u8], kind: Kind, out: &mut impl FnMut(&[u8])) {
    let mut rest = text;
    // Within a word a number is a product's sooner than a person's.
    let mut strict = kind == Kind::Path;
    // So many bytes at the front belong to a word in which there is no address and no token; a
    // UUID may begin anywhere in it.
    let mut known = 0_usize;
    while let Some(&first) = rest.first() {
        let mut mask = PHONE;
        let mut length = phone::<SKIPS>(rest, strict);
        if length == 0 {
            let seen = if SKIPS && known > 0 { 38 } else { rest.len() };
            (length, mask) = word(rest.get(..seen).unwrap_or(rest));
            if SKIPS && known > 0 && (mask != TOKEN || length != 36) {
                mask = b"";
            } else if SKIPS {
                known = length;
            }
        }
        if mask.is_empty() {
            strict = kind == Kind::Path || is_word(first);
            length = piece(rest);
            mask = rest.get(..length).unwrap_or_default();
        }
        out(mask);
        rest = rest.get(length..).unwrap_or_default();
        if SKIPS {
            known = known.saturating_sub(length);
        }
    }
}

/// What words are made of. All but ASCII is: no character is ever cut.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"@._-+%~".contains(&byte)
}

/// What is left as it is before looking again: letters and digits of one script, and the
/// sign after them. So `ל-050…` and `order-3f25…` are looked into.
fn piece(text: &[u8]) -> usize {
    let mut length = 0;
    let mut last = 0;
    for &byte in text {
        // From one script to the other, and after a sign.
        let ends = length > 0 && ((byte ^ last) >= 0x80 || !last.is_ascii_alphanumeric());
        if ends && !(byte >= 0x80 && last >= 0x80) {
            break;
        }
        last = byte;
        length += 1;
    }
    length
}

/// The length of the word at the front, without the full stop that ends a sentence, and
/// what it is to be replaced by; nothing, where it may stay.
fn word(text: &[u8]) -> (usize, &'static [u8]) {
    let (mut length, mut at, mut hex, mut letters, mut digits) = (0, 0, 0, 0, 0);
    let (mut is_mail, mut is_token) = (false, false);
    for &byte in text {
        if !is_word(byte) {
            break;
        }
        let rest = text.get(length..).unwrap_or_default();
        if at == 0 && (byte == b'@' || rest.starts_with(b"%40")) {
            at = length;
        }
        // A domain has a full stop within.
        is_mail |=
            at > 0 && length > at + 1 && byte == b'.' && rest.get(1).copied().is_some_and(is_word);
        letters += usize::from(byte.is_ascii_alphabetic());
        digits += usize::from(byte.is_ascii_digit());
        if !byte.is_ascii_alphanumeric() {
            (letters, digits) = (0, 0);
        }
        is_token |= if letters > 0 {
            letters + digits >= 20 && letters >= 2 && digits >= 2
        } else {
            digits >= 16
        };
        hex += usize::from(byte.is_ascii_hexdigit());
        length += 1;
    }
    #[cfg(test)]
    tests::LOOKED.with(|looked| looked.set(looked.get() + length));
    if text.get(..length).is_some_and(|word| word.ends_with(b".")) {
        length -= 1;
    }
    let is_uuid = length == 36 && hex == 32 && text.get(8) == Some(&b'-');
    let mask = if is_mail {
        MAIL
    } else if is_token || is_uuid {
        TOKEN
    } else {
        b""
    };
    (length, mask)
}

const HYPHEN: u8 = 1;
const BLANK: u8 = 2;
/// Of a phone number (ITU-T E.164).
const MOST_DIGITS: usize = 15;

/// How many bytes at the front are a phone number.
fn phone<const SKIPS: bool>(text: &[u8], strict: bool) -> usize {
    let (mut length, mut digits, mut end, mut gap) = (0, 0, 0, 0);
    // The kinds of signs between digits, and of those since the last digit.
    let (mut signs, mut since) = (0, 0);
    for &byte in text {
        length += 1;
        if byte.is_ascii_digit() {
            (digits, end, gap) = (digits + 1, length, 0);
            signs |= since;
            if SKIPS && digits > MOST_DIGITS {
                break;
            }
            continue;
        }
        // At the front a sign belongs to it; within, up to two are between the digits.
        if !b" -.()+".contains(&byte) || gap == 2 || (length == 1 && !b"(+".contains(&byte)) {
            break;
        }
        if length > 1 {
            gap += 1;
            since |= if byte == b'-' { HYPHEN } else { BLANK };
        }
    }
    let leads = text.first().is_some_and(|first| b"+(0".contains(first));
    let looks_so = leads || signs == HYPHEN || (signs == 0 && !strict);
    // `2026abc…` is a word.
    let ends = text
        .get(end)
        .is_none_or(|&byte| !is_word(byte) || b".-".contains(&byte));
    if (9..=MOST_DIGITS).contains(&digits) && looks_so && ends {
        end
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(kind: Kind, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(mask(text, kind), *expected, "{text}");
        }
    }

    #[test]
    fn people_are_masked_in_prose() {
        check(
            Kind::Prose,
            &[
                ("write to dan.levi+shop@example.co.il!", "write to [mail]!"),
                ("שלום דן@דוגמה.ישראל שלום", "שלום [mail] שלום"),
                ("a=dan%40example.com&b", "a=[mail]&b"),
                ("התקשרו 050-123-4567 עכשיו", "התקשרו [phone] עכשיו"),
                ("0501234567", "[phone]"),
                ("+972 50 123 4567", "[phone]"),
                ("972501234567 please", "[phone] please"),
                ("123456789-", "[phone]-"),
                ("(03) 123-4567, 1-800-555-1234", "[phone], [phone]"),
                ("4580123412341234", "[token]"),
                ("eyJhbGciOiJIUzI1NiJ9xyz0.abc", "[token]"),
                (
                    "id order-3f2504e0-4f89-11d3-9a0c-0305e82c3301.",
                    "id order-[token].",
                ),
                (
                    "חייגו ל-050-1234567 או ל0521234567.",
                    "חייגו ל-[phone] או ל[phone].",
                ),
                ("dan@example.com.", "[mail]."),
            ],
        );
    }

    #[test]
    fn products_are_not_people() {
        let plain = [
            "iPhone 15 128 256 512",
            "2026-11-21 10:30",
            "₪ 1,299.90",
            "@home",
            "a@b",
            "men-running-shoes-size-42-blue-leather-2026",
            "20% הנחה",
            "100012345x",
            "SKU-123456789",
            "אבג.דהו",
            "..",
            "a.",
            "supercalifragilisticexpialidocious",
            "",
        ];
        for text in plain {
            assert_eq!(mask(text, Kind::Prose), text);
        }
        check(
            Kind::Path,
            &[
                ("/product/7290001234567/", "/product/7290001234567/"),
                ("/call/0501234567", "/call/[phone]"),
                ("/u/dan@example.com/orders", "/u/[mail]/orders"),
                ("/reset/9f86d081884c7d659a2feaa0c55ad015", "/reset/[token]"),
            ],
        );
    }

    std::thread_local! {
        /// How many bytes were looked through for words.
        pub static LOOKED: core::cell::Cell<usize> = const { core::cell::Cell::new(0) };
    }

    #[test]
    fn no_word_is_looked_through_again_and_again() {
        for pattern in ["%", "0-", "a.", "a@", "@", "+0", "-", "1", "א-"] {
            let text = pattern.repeat(4096);
            LOOKED.set(0);
            let _ = mask(&text, Kind::Prose);
            // Once as a whole, and at each place as far as a UUID reaches.
            assert!(
                LOOKED.get() <= 40 * text.len(),
                "{pattern}: {}",
                LOOKED.get()
            );
        }
        // The pixel's way does, which shows that it is seen.
        LOOKED.set(0);
        mask_into("%".repeat(4096).as_bytes(), Kind::Prose, &mut |_| {});
        assert!(LOOKED.get() > 1000 * 4096);
    }

    proptest! {
        #[test]
        fn both_ways_of_scanning_mask_alike(
            text in "([a-f0-9@.%+() א-]{0,20}|[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}|[0-9 -]{0,40}){0,5}",
            is_path: bool,
        ) {
            let kind = if is_path { Kind::Path } else { Kind::Prose };
            let mut plainly = alloc::vec::Vec::new();
            mask_into(text.as_bytes(), kind, &mut |part| plainly.extend_from_slice(part));
            prop_assert_eq!(is_masked(&text, kind), plainly == text.as_bytes());
            prop_assert_eq!(mask(&text, kind).into_bytes(), plainly);
        }

        #[test]
        fn nothing_panics_and_masking_twice_changes_nothing(text in "[a-f0-9@.%+() א-ת-]{0,60}") {
            let once = mask(&text, Kind::Prose);
            prop_assert_eq!(mask(&once, Kind::Prose), once);
        }

        #[test]
        fn no_mail_address_is_left(
            before in "[ א-ת]{0,9}", local in "[a-z0-9.]{1,12}", domain in "[a-z]{1,9}\\.(com|co\\.il)",
        ) {
            let text = alloc::format!("{before} {local}@{domain}");
            prop_assert!(mask(&text, Kind::Prose).ends_with("[mail]"));
        }
    }
}
