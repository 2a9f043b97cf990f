//! What a page tells: fields, one a line.

/// The fields of something told by a page, one a line, in UTF-8. Past the last there are
/// empty ones.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a>(pub &'a [u8]);

/// Past the last field of anything.
pub const NOWHERE: usize = 99;

/// How a text is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// Written for people: masked.
    Prose,
    /// The path of an address: masked as one, and may be longer.
    Path,
    /// An id or a name by which facts are joined: as it is.
    Code,
}

impl<'a> Lines<'a> {
    /// The field after `n` others.
    pub fn nth(mut self, n: usize) -> &'a [u8] {
        self.skip(n);
        split(self.0, b'\n').0
    }

    /// Leaves out so many fields.
    pub fn skip(&mut self, fields: usize) {
        for _ in 0..fields {
            self.0 = split(self.0, b'\n').1;
        }
    }

    /// Whether nothing but empty fields may follow.
    pub fn is_done(self) -> bool {
        self.0.is_empty()
    }

    /// Whether a line that isn't empty is one of them.
    pub fn holds(mut self, line: &[u8]) -> bool {
        while !self.is_done() {
            if !line.is_empty() && same(self.nth(0), line) {
                return true;
            }
            self.skip(1);
        }
        false
    }
}

/// Whether two texts are the same. Inlined, each comparison would be longer than the call.
#[inline(never)]
pub fn same(text: &[u8], other: &[u8]) -> bool {
    text == other
}

/// What stands before the first `sign` and after it; all and nothing, where there is none.
pub fn split(text: &[u8], sign: u8) -> (&[u8], &[u8]) {
    let mut end = 0;
    while text.get(end).is_some_and(|&byte| byte != sign) {
        end += 1;
    }
    (
        text.get(..end).unwrap_or_default(),
        text.get(end + 1..).unwrap_or_default(),
    )
}

/// Whether a text holds another, which is not empty.
pub fn has(mut text: &[u8], part: &[u8]) -> bool {
    while !text.is_empty() && !text.starts_with(part) {
        text = text.get(1..).unwrap_or_default();
    }
    !text.is_empty()
}

/// A whole number; `None` for what is none, or has more than 17 digits.
pub fn whole(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut number = 0_i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 || digits.len() > 17 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    let number = if digits.len() < text.len() {
        -number
    } else {
        number
    };
    (!digits.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_read_by_their_place() {
        let mut lines = Lines(b"a\n\nc");
        let read = [lines.nth(0), lines.nth(1), lines.nth(2), lines.nth(3)];
        assert_eq!(read, [&b"a"[..], b"", b"c", b""]);
        assert!(lines.holds(b"c") && !lines.holds(b"") && !lines.holds(b"b"));
        lines.skip(2);
        assert!(!lines.is_done());
        lines.skip(1);
        assert!(lines.is_done());
    }

    #[test]
    fn parts_are_found() {
        assert!(has(b"www.facebook.com/sharer", b"facebook.com/share"));
        assert!(!has(b"", b"x") && !has(b"ab", b"b/"));
    }

    #[test]
    fn what_is_no_whole_number_is_none() {
        for bad in ["", "-", "1.5", "1e3", "NaN", "123456789012345678", " 1"] {
            assert_eq!(whole(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_come_back(number in -1_000_000_000_000_i64..1_000_000_000_000) {
            prop_assert_eq!(whole(number.to_string().as_bytes()), Some(number));
        }
    }
}
