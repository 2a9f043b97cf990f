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
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    // Within a word a number is a product's sooner than a person's.
    let mut within = false;
    while !rest.is_empty() {
        let strict = within || kind == Kind::Path;
        let length = word_length(rest);
        let (length, mask) = if let Some(length) = phone(rest, strict) {
            (length, Some(PHONE))
        } else if let Some(mask) = rest.get(..length).and_then(word) {
            (length, Some(mask))
        } else {
            (piece_length(rest), None)
        };
        within = mask.is_none() && rest.first().is_some_and(|&first| is_word(first));
        let (found, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        out.extend_from_slice(mask.unwrap_or(found));
        rest = after;
    }
    // Only whole runs of bytes were replaced, each beginning and ending at a character.
    String::from_utf8(out).unwrap_or_default()
}

/// What words are made of. All but ASCII is: no character is ever cut.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'@' | b'.' | b'_' | b'-' | b'+' | b'%' | b'~')
}

/// The word at the front, without the full stop that ends a sentence.
fn word_length(text: &[u8]) -> usize {
    let length = text.iter().take_while(|&&byte| is_word(byte)).count();
    length - usize::from(length > 0 && text.get(length - 1) == Some(&b'.'))
}

/// What is left as it is before looking again: letters and digits of one script, and the
/// sign after them. So `ל-050…` and `order-3f25…` are looked into.
fn piece_length(text: &[u8]) -> usize {
    let ascii = text.first().is_some_and(u8::is_ascii);
    let same = |byte: &&u8| byte.is_ascii() == ascii && (byte.is_ascii_alphanumeric() || !ascii);
    let length = text.iter().take_while(same).count();
    length + usize::from(text.get(length).is_some_and(u8::is_ascii) && (ascii || length == 0))
}

/// What a word is to be replaced by, if at all.
fn word(word: &[u8]) -> Option<&'static [u8]> {
    if is_mail(word) {
        return Some(MAIL);
    }
    let (mut run, mut is_token, mut hex) = (Run::default(), false, 0);
    for &byte in word {
        hex += usize::from(byte.is_ascii_hexdigit());
        if byte.is_ascii_alphanumeric() {
            run.letters += usize::from(byte.is_ascii_alphabetic());
            run.digits += usize::from(byte.is_ascii_digit());
        } else {
            run = Run::default();
        }
        is_token |= run.is_token();
    }
    let is_uuid = word.len() == 36 && hex == 32 && word.get(8) == Some(&b'-');
    (is_uuid || is_token).then_some(TOKEN)
}

#[derive(Clone, Copy, Default)]
struct Run {
    letters: usize,
    digits: usize,
}

impl Run {
    const fn is_token(self) -> bool {
        (self.letters + self.digits >= 20 && self.letters >= 2 && self.digits >= 2)
            || (self.letters == 0 && self.digits >= 16)
    }
}

fn is_mail(word: &[u8]) -> bool {
    let at = |found: usize| match word.get(found..) {
        Some([b'@', ..]) => 1,
        Some([b'%', b'4', b'0', ..]) => 3,
        _ => 0,
    };
    let found = (1..word.len()).find(|&found| at(found) > 0);
    let domain = found.and_then(|found| word.get(found + at(found)..));
    domain.is_some_and(|domain| domain.iter().skip(1).any(|&byte| byte == b'.'))
}

/// How many bytes at the front are a phone number.
fn phone(text: &[u8], strict: bool) -> Option<usize> {
    let first = *text.first()?;
    if !matches!(first, b'+' | b'(' | b'0'..=b'9') {
        return None;
    }
    let (mut digits, mut end, mut gap) = (0, 0, 0);
    let (mut blank, mut hyphen) = (false, false);
    for (at, &byte) in text.iter().enumerate() {
        if byte.is_ascii_digit() {
            (digits, end, gap) = (digits + 1, at + 1, 0);
        } else if matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'+') && gap < 2 {
            gap += usize::from(at > 0);
        } else {
            break;
        }
    }
    for &byte in text.get(..end)? {
        blank |= matches!(byte, b' ' | b'.');
        hyphen |= byte == b'-';
    }
    let leads = matches!(first, b'+' | b'(' | b'0');
    let looks_so = leads || (!blank && (hyphen || !strict));
    // `2026abc…` is a word, and so is what ends in a letter.
    let ends = text
        .get(end)
        .is_none_or(|&byte| !is_word(byte) || matches!(byte, b'.' | b'-'));
    ((9..=15).contains(&digits) && looks_so && ends).then_some(end)
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
                ("972501234567", "[phone]"),
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

    proptest! {
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
