//! Bytes of a file become text: which encoding it is in, where nobody says.

use super::Refused;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1255};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The encodings in which spreadsheets save tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Charset {
    /// Excel's "CSV UTF-8", and everybody else's.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Excel's "Unicode text".
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// The same, the other way round.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Excel's "CSV" on Hebrew Windows.
    #[serde(rename = "windows-1255")]
    Windows1255,
    /// Excel's "CSV" on western Windows.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// A file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Without a byte order mark.
    pub text: String,
    /// What it was read as.
    pub charset: Charset,
    /// How many of its characters could not be read; each is U+FFFD.
    pub broken: usize,
}

impl Charset {
    const fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1255 => WINDOWS_1255,
            Self::Windows1252 => WINDOWS_1252,
        }
    }
}

/// Reads bytes as text, in the encoding that the caller says or the one that they tell.
///
/// # Errors
/// [`Refused::File`] where they are no text.
pub fn decode(bytes: &[u8], said: Option<Charset>) -> Result<Decoded, Refused> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        let detail = "this is an Excel workbook; save it as \"CSV UTF-8\" and send that";
        return Err(Refused::File(detail.into()));
    }
    let charset = said.unwrap_or_else(|| guess(bytes));
    let (text, had_errors) = charset.encoding().decode_without_bom_handling(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    if text.contains('\0') {
        let detail = "this is no text; save the table as \"CSV UTF-8\" and send that";
        return Err(Refused::File(detail.into()));
    }
    let broken = if had_errors {
        text.chars().filter(|c| *c == '\u{FFFD}').count()
    } else {
        0
    };
    Ok(Decoded {
        text: text.to_owned(),
        charset,
        broken,
    })
}

fn guess(bytes: &[u8]) -> Charset {
    match bytes {
        [0xFF, 0xFE, ..] => return Charset::Utf16Le,
        [0xFE, 0xFF, ..] => return Charset::Utf16Be,
        // No other encoding has characters of zeros; that of a separator or a digit has one.
        [_, 0, ..] => return Charset::Utf16Le,
        [0, _, ..] => return Charset::Utf16Be,
        _ => {}
    }
    if is_mostly_utf8(bytes) {
        Charset::Utf8
    } else if is_hebrew(bytes) {
        Charset::Windows1255
    } else {
        Charset::Windows1252
    }
}

/// Whether bytes are UTF-8, but for a few that somebody broke: text of another encoding has hardly
/// ever a sequence that is valid by chance.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good > 10 * bad
}

/// Whether the letters that windows-1255 has where windows-1252 has accented ones are Hebrew.
///
/// Hebrew words have such letters alone, side by side; western ones have them among those of
/// ASCII. Words of one letter tell nothing, and are Hebrew where nothing else tells: that is
/// how a column of genders is written.
fn is_hebrew(bytes: &[u8]) -> bool {
    let is_high = |byte: u8| (0xE0..=0xFA).contains(&byte);
    let (mut together, mut among) = (0_usize, 0_usize);
    let mut letters = 0_usize;
    for pair in bytes.windows(2) {
        let &[one, other] = pair else { continue };
        letters += usize::from(is_high(one) || is_high(other));
        together += usize::from(is_high(one) && is_high(other));
        let mixed = is_high(one) && other.is_ascii_alphabetic()
            || is_high(other) && one.is_ascii_alphabetic();
        among += usize::from(mixed);
    }
    letters > 0 && together >= among
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> (Charset, String) {
        let decoded = decode(bytes, None).unwrap();
        (decoded.charset, decoded.text)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_told_by_bytes() {
        let text = "שם,מייל\r\nדנה,dana@example.com\r\n";
        let marked = format!("\u{FEFF}{text}");
        let windows = WINDOWS_1255.encode(text).0;
        for (bytes, charset) in [
            (text.as_bytes().to_vec(), Charset::Utf8),
            (marked.as_bytes().to_vec(), Charset::Utf8),
            (utf16(&marked, u16::to_le_bytes), Charset::Utf16Le),
            (utf16(&marked, u16::to_be_bytes), Charset::Utf16Be),
            (windows.to_vec(), Charset::Windows1255),
        ] {
            assert_eq!(read(&bytes), (charset, text.to_owned()));
        }
        let bare = utf16("id;mail", u16::to_le_bytes);
        assert_eq!(read(&bare), (Charset::Utf16Le, "id;mail".into()));
        assert_eq!(read(b"id,mail"), (Charset::Utf8, "id,mail".into()));
    }

    #[test]
    fn western_names_are_not_hebrew() {
        let text = "Name,City\nRené Müller,Besançon\nZoë,Málaga\n";
        let bytes = WINDOWS_1252.encode(text).0;
        assert_eq!(read(&bytes), (Charset::Windows1252, text.to_owned()));
        let genders = WINDOWS_1255.encode("id,gender\n1,ז\n2,נ\n").0;
        assert_eq!(read(&genders).0, Charset::Windows1255);
    }

    #[test]
    fn a_broken_character_does_not_change_the_rest() {
        let mut bytes = "שם,מייל\nדנה כהן,dana@example.com\n".as_bytes().to_vec();
        bytes.extend(b"\xD7,noa@example.com\n");
        let decoded = decode(&bytes, None).unwrap();
        assert_eq!((decoded.charset, decoded.broken), (Charset::Utf8, 1));
    }

    #[test]
    fn workbooks_are_refused_by_name() {
        let refused = decode(b"PK\x03\x04\x14\0", None).unwrap_err();
        assert!(refused.to_string().contains("Excel"), "{refused}");
        assert!(decode(b"abc\0def", None).is_err());
    }

    proptest! {
        #[test]
        fn hebrew_comes_back(words in "[א-ת]{2,9}(,[א-ת]{1,9}){0,5}") {
            let bytes = WINDOWS_1255.encode(&words).0.into_owned();
            prop_assert_eq!(read(&bytes), (Charset::Windows1255, words));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes, None);
        }
    }
}
