//! A notice: what the edge has to tell the backend besides batches. It travels in an envelope,
//! as a batch does, with the edge's stamp.
//!
//! ```text
//! notice = 'C' 'N' version body              body: postcard
//! ```

use crate::{
    DecodeError,
    event::{text, url},
    form::Answers,
    frame,
    id::Site,
    token::{Link, Message, TokenId, check_message},
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const KIND: u8 = b'N';

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// On which site.
    pub site: Site<'a>,
    /// What.
    pub what: What<'a>,
}

/// What there is to tell. The order is the wire's: new ones go last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What<'a> {
    /// Something became of a message. The stamp names no visitor (0).
    #[serde(borrow)]
    Message(Followed<'a>),
    /// The stamp's visitor wants everything about them to be erased.
    Forget,
    /// A form was sent. The stamp names no visitor (0) where none is known, or they don't want
    /// to be.
    #[serde(borrow)]
    Form(Answers<'a>),
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed<'a> {
    /// The token by which it is known: used twice, it happened once.
    pub token_id: TokenId,
    /// Which message.
    #[serde(borrow)]
    pub message: Message<'a>,
    /// The link that was followed; none: it was opened.
    #[serde(borrow)]
    pub link: Option<Link<'a>>,
    /// Whether a program did it: a scanner, or a mail service on nobody's behalf.
    pub machine: bool,
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    site: &'a str,
    #[serde(borrow)]
    what: What<'a>,
}

impl<'a> Notice<'a> {
    /// Whether an envelope's payload is a notice, and no batch.
    #[must_use]
    pub fn is(payload: &[u8]) -> bool {
        payload.starts_with(&[b'C', KIND])
    }

    /// Reads a notice.
    ///
    /// # Errors
    /// [`DecodeError`] where it is none, or a text or a list is beyond its bound.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (body, rest): (Body<'a>, _) = frame::take(frame::strip(KIND, bytes)?)?;
        if !rest.is_empty() {
            return Err(DecodeError::Trailing);
        }
        match &body.what {
            What::Message(followed) => {
                check_message(&followed.message)?;
                if let Some(link) = followed.link {
                    url("url", link.url)?;
                    text("topic", link.topic)?;
                }
            }
            What::Forget => {}
            What::Form(answers) => answers.check()?,
        }
        Ok(Self {
            site: Site::new(body.site)?,
            what: body.what,
        })
    }

    /// The bytes to put into an envelope.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let body = Body {
            site: self.site.as_str(),
            what: self.what.clone(),
        };
        let mut out = Vec::new();
        frame::open(KIND, &mut out);
        frame::put(&body, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::ContactId, token::Channel};
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn the_bytes_of_a_form_stay_as_they_are() {
        let notice = Notice {
            site: Site::new("demo").unwrap(),
            what: What::Form(Answers {
                token_id: TokenId(9),
                form: "club",
                answers: alloc::vec![("city", "יפו")],
            }),
        };
        expect!["434e010464656d6f020904636c756201046369747906d799d7a4d795"]
            .assert_eq(&hex::encode(notice.encode()));
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(
            token: u64, contact: u64, machine: bool, which in 0..3,
            link in prop::option::of(("[a-z:/]{0,40}", "\\PC{0,9}")),
            form in "[a-z0-9_]{1,64}",
            answers in prop::collection::vec(("[a-z0-9_]{1,64}", "\\PC{0,90}"), 0..50),
        ) {
            let message = Message {
                contact: ContactId::new(contact),
                channel: Channel::Whatsapp,
                message_id: "m-1",
                campaign: "סתיו",
            };
            let link = link.as_ref().map(|(url, topic)| Link { url, topic });
            let token_id = TokenId(token);
            let answers = answers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let what = match which {
                0 => What::Message(Followed { token_id, message, link, machine }),
                1 => What::Forget,
                _ => What::Form(Answers { token_id, form: &form, answers: answers.collect() }),
            };
            let notice = Notice { site: Site::new("demo").unwrap(), what };
            let bytes = notice.encode();
            prop_assert!(Notice::is(&bytes));
            prop_assert_eq!(Notice::decode(&bytes), Ok(notice));
        }

        #[test]
        fn a_form_beyond_its_bounds_is_refused(name in "[a-z0-9_]{0,66}", values in 0..52_usize) {
            let notice = Notice {
                site: Site::new("demo").unwrap(),
                what: What::Form(Answers {
                    token_id: TokenId(1),
                    form: &name,
                    answers: alloc::vec![("a", ""); values],
                }),
            };
            let fits = (1..=64).contains(&name.len()) && values <= 50;
            prop_assert_eq!(Notice::decode(&notice.encode()).is_ok(), fits);
        }

        #[test]
        fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Notice::decode(&bytes);
            let mut framed = alloc::vec![b'C', KIND, 1];
            framed.extend(bytes);
            let _ = Notice::decode(&framed);
            // The same after what begins a form's.
            framed.splice(3..3, *b"\x04demo\x02");
            let _ = Notice::decode(&framed);
        }
    }
}
