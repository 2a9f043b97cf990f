//! What went wrong in a pixel, as it tells it itself: once a page at most.
//!
//! ```text
//! report = site '\n' text        UTF-8; the text may have more lines
//! ```
//!
//! It is told to the operator and kept nowhere. Whoever writes from a page can write
//! anything into it, so the text is bounded, masked and made one line of a log.

use protocol::{
    id::Site,
    mask::{Kind, mask},
};
use std::fmt;

/// Longest report, in bytes.
pub const MAX_BYTES: usize = 512;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// The site whose pixel it was.
    pub site: Site<'a>,
    text: String,
}

/// Bytes that are no [`Report`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a report is the site's name and, on the next lines, what went wrong; in UTF-8")]
pub struct NotAReport;

impl<'a> Report<'a> {
    /// Reads a report.
    ///
    /// # Errors
    /// [`NotAReport`] where it is no text, begins with no slug or says nothing.
    pub fn read(bytes: &'a [u8]) -> Result<Self, NotAReport> {
        let whole = str::from_utf8(bytes).map_err(|_| NotAReport)?;
        let (slug, said) = whole.split_once('\n').ok_or(NotAReport)?;
        let site = Site::new(slug).map_err(|_| NotAReport)?;
        let line: String = said.trim().chars().map(plain).collect();
        if line.is_empty() {
            return Err(NotAReport);
        }
        Ok(Self {
            site,
            text: mask(&line, Kind::Prose),
        })
    }
}

/// As the operator's log has it.
impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pixel of {}: {}", self.site, self.text)
    }
}

/// The character, or a blank in place of one that would end a line or turn its
/// direction, so that no report looks like another line of the log.
fn plain(character: char) -> char {
    match character {
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
        other if other.is_control() => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(bytes: impl AsRef<[u8]>, expected: Expect) {
        expected.assert_eq(&match Report::read(bytes.as_ref()) {
            Ok(report) => report.to_string(),
            Err(error) => error.to_string(),
        });
    }

    #[test]
    fn a_report_becomes_one_line() {
        check(
            "demo\nmodule\nRuntimeError: unreachable\r\n",
            expect!["pixel of demo: module RuntimeError: unreachable"],
        );
        check(
            "demo\n\u{1b}[2J\u{202e}נפל\0 at dan@example.com, 050-123-4567",
            expect!["pixel of demo:  [2J נפל  at [mail], [phone]"],
        );
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let bad: [&[u8]; 7] = [
            b"",
            b"demo",
            b"demo\n",
            b"demo\n \r\n ",
            b"no slug\ntrap",
            b"\ntrap",
            b"demo\n\xff",
        ];
        for bytes in bad {
            assert_eq!(Report::read(bytes), Err(NotAReport), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_report_is_more_than_a_line(bytes in prop::collection::vec(any::<u8>(), 0..99)) {
            let text = String::from_utf8_lossy(&bytes);
            let report = format!("demo\n{text}");
            if let Ok(report) = Report::read(report.as_bytes()) {
                prop_assert!(!report.to_string().chars().any(char::is_control));
            }
            let _ = Report::read(&bytes);
        }
    }
}
