//! What somebody filled into a form of the shop's and sent.

use crate::{
    DecodeError,
    event::{count, text},
    limit,
    token::TokenId,
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A form that was sent. Nobody proved what they wrote into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers<'a> {
    /// Told apart from all others by this: what was sent twice, was sent once.
    pub token_id: TokenId,
    /// The form's name.
    pub form: &'a str,
    /// Names and values in the form's order. A name stands as often as it has values.
    #[serde(borrow)]
    pub answers: Vec<(&'a str, &'a str)>,
}

impl Answers<'_> {
    /// Checks the bounds of the whole and of each part.
    ///
    /// # Errors
    /// [`DecodeError::TooLong`], and [`DecodeError::Name`] where the form or an answer has
    /// none that fits.
    pub fn check(&self) -> Result<(), DecodeError> {
        name("form", self.form)?;
        count("answers", self.answers.len(), limit::ANSWERS)?;
        let mut bytes = self.form.len();
        for (answer, value) in &self.answers {
            name("an answer's name", answer)?;
            text("an answer", value)?;
            bytes += answer.len() + value.len();
        }
        count("a form with its answers", bytes, limit::FORM_BYTES)
    }
}

/// A name is 1 to [`limit::NAME_BYTES`] of a-z, 0-9 and _.
fn name(field: &'static str, text: &str) -> Result<(), DecodeError> {
    count(field, text.len(), limit::NAME_BYTES)?;
    let is_plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if text.is_empty() || !text.bytes().all(is_plain) {
        return Err(DecodeError::Name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(form: &str, answers: &[(&str, &str)]) -> Result<(), &'static str> {
        let answers = Answers {
            token_id: TokenId(1),
            form,
            answers: answers.to_vec(),
        };
        answers.check().map_err(|error| match error {
            DecodeError::TooLong { field, .. } => field,
            other => other.code(),
        })
    }

    #[test]
    fn bounds_at_and_past_the_edge() {
        let name = "n".repeat(limit::NAME_BYTES + 1);
        assert_eq!(check(&name[1..], &[(&name[1..], "")]), Ok(()));
        assert_eq!(check(&name, &[]), Err("form"));
        assert_eq!(check("f", &[(&name, "")]), Err("an answer's name"));

        let value = "v".repeat(limit::TEXT_BYTES + 1);
        assert_eq!(check("f", &[("a", &value[1..])]), Ok(()));
        assert_eq!(check("f", &[("a", &value)]), Err("an answer"));

        let many = [("a", ""); limit::ANSWERS + 1];
        assert_eq!(check("f", &many[1..]), Ok(()));
        assert_eq!(check("f", &many), Err("answers"));

        // 15 times a name of 1 and a value of 1024, and the rest of 16 KiB but for the form.
        let rest = limit::FORM_BYTES - 15 * (limit::TEXT_BYTES + 1) - 2;
        let mut whole = [("a", &value[1..]); 16];
        whole[15] = ("a", &value[..rest]);
        assert_eq!(check("f", &whole), Ok(()));
        assert_eq!(check("ff", &whole), Err("a form with its answers"));
    }

    #[test]
    fn names_are_plain() {
        for good in ["email", "birthday_2", "_", "0"] {
            assert_eq!(check(good, &[(good, "ערך")]), Ok(()), "{good}");
        }
        for bad in ["", "Email", "first-name", "topics[]", "שם", "a b", "a.b"] {
            assert_eq!(check(bad, &[]), Err("bad_name"), "{bad}");
            assert_eq!(check("f", &[(bad, "")]), Err("bad_name"), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_within_all_bounds(
            form in "\\PC{0,70}",
            answers in prop::collection::vec(("[a-z_]{0,70}", "\\PC{0,600}"), 0..60),
        ) {
            let answers: Vec<_> = answers.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            if check(&form, &answers) == Ok(()) {
                let bytes: usize = answers.iter().map(|(a, b)| a.len() + b.len()).sum();
                prop_assert!(form.len() + bytes <= limit::FORM_BYTES);
                prop_assert!(answers.len() <= limit::ANSWERS);
            }
        }
    }
}
