//! The bounds of everything on the wire. They are tested at and past the edge.

/// Longest sealed batch, in bytes.
pub const BATCH_BYTES: usize = 48 * 1024;

/// Most events in one batch.
pub const BATCH_EVENTS: usize = 500;

/// Longest visitor token in an attempt, in bytes.
pub const TOKEN_BYTES: usize = 256;

/// Longest envelope, in bytes; two fit into a message of a Cloudflare Queue (128 KB).
pub const ENVELOPE_BYTES: usize = 64 * 1024;

/// Most envelopes in one body from the edge.
pub const BODY_ENVELOPES: usize = 100;

/// Longest body that the backend's ingest takes, in bytes.
pub const BODY_BYTES: usize = 8 * 1024 * 1024;

/// Longest text field, in bytes of UTF-8.
pub const TEXT_BYTES: usize = 1024;

/// Longest URL or path, in bytes of UTF-8.
pub const URL_BYTES: usize = 2048;

/// Most items in one event.
pub const ITEMS: usize = 200;

/// Most properties of one event.
pub const PROPS: usize = 32;

/// Most answers in one form.
pub const ANSWERS: usize = 50;

/// Longest name of a form or of an answer, in bytes.
pub const NAME_BYTES: usize = 64;

/// A form's name and the names and values of its answers together, in bytes of UTF-8.
pub const FORM_BYTES: usize = 16 * 1024;

/// Browser events older than this, after the clock was corrected, are refused: 30 days.
pub const MAX_AGE_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Events further ahead than this, after the clock was corrected, are refused: 5 minutes.
pub const MAX_AHEAD_MS: u64 = 5 * 60 * 1000;

/// A client clock this close to the edge's is taken as it is: 5 minutes.
pub const CLOCK_TOLERANCE_MS: u64 = 5 * 60 * 1000;

/// How far the timestamp of a signature may lie from the backend's clock: 5 minutes.
pub const SIGNATURE_SKEW_MS: u64 = 5 * 60 * 1000;

/// The mark at the end of a text that was cut.
pub const CUT_MARK: char = '…';

/// Cuts `text` to at most `limit` bytes, at a character, and marks the cut.
///
/// Text within the limit comes back as it is.
#[must_use]
pub fn cut(text: &str, limit: usize) -> (&str, bool) {
    if text.len() <= limit {
        return (text, false);
    }
    let mut end = limit.saturating_sub(CUT_MARK.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text.get(..end).unwrap_or_default(), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("שלום", 8), ("שלום", false));
        assert_eq!(cut("שלום", 7), ("של", true));
        assert_eq!(cut("", 0), ("", false));
    }

    proptest! {
        #[test]
        fn a_cut_text_and_its_mark_fit(text in "\\PC{0,60}", limit in 3_usize..64) {
            let (kept, marked) = cut(&text, limit);
            let mark = if marked { CUT_MARK.len_utf8() } else { 0 };
            prop_assert!(kept.len() + mark <= limit);
            prop_assert!(text.starts_with(kept));
            prop_assert_eq!(marked, text.len() > limit);
        }
    }
}
