//! A form of the shop's that is sent (`POST /form`): the edge says whose it is, and hands its
//! answers on.
//!
//! Whoever sends one tells the shop something on purpose, so it is taken from everybody. Who
//! isn't to be known, or isn't known yet, is nobody here (visitor 0): no form makes an identity.

use super::{
    Answer, Asked, Refusal, address, identify,
    step::{self, Delivered, Sender, Stamped},
};
use crate::{
    config::{Config, SiteConfig},
    enrich::{Origins, RawAgent},
    form::Sent,
    identity,
};
use protocol::{
    DecodeError,
    form::Answers,
    id::{Site, VisitorId},
    limit,
    notice::{Notice, What},
    token::TokenId,
};

/// Longest body, in bytes: escapes make three of each byte, in pairs and in JSON, and some of it
/// is no answer.
pub(super) const MAX_BYTES: usize = 4 * limit::FORM_BYTES;

/// A form of a site of ours, from a page that may send for it.
pub(super) struct Form<'a> {
    slug: Site<'a>,
    site: &'a SiteConfig,
    sent: &'a Sent,
    /// Where the browser goes on, on the site.
    next: Option<String>,
}

/// Finds the site, and refuses pages that may send only for others, and to go on elsewhere.
pub(super) fn find_site<'a>(
    config: &'a Config,
    sender: &Sender<'_>,
    sent: &'a Sent,
) -> Result<Form<'a>, Refusal> {
    for (field, text, limit) in [
        ("next", &sent.next, limit::URL_BYTES),
        ("submission_id", &sent.submission_id, limit::TEXT_BYTES),
        ("crumb_token", &sent.token, limit::TOKEN_BYTES),
    ] {
        if text.len() > limit {
            return Err(DecodeError::TooLong { field, limit }.into());
        }
    }
    let slug = Site::new(&sent.site).map_err(DecodeError::from)?;
    let site = step::serve(config, slug, sender)?;
    let next = match sent.next.as_str() {
        "" => None,
        next => Some(address::onward(site, sender.origin(), next).ok_or(Refusal::BadNext)?),
    };
    Ok(Form {
        slug,
        site,
        sent,
        next,
    })
}

impl<'a> Form<'a> {
    /// The visitor, where the browser proves to be one who may be known.
    pub(super) fn visitor(&self, config: &Config, asked: &Asked, now_ms: u64) -> Option<VisitorId> {
        let may_be_known = self.sent.consent.unwrap_or(!self.site.needs_consent);
        if step::opted_out(asked) || !may_be_known {
            return None;
        }
        identify::known(config, asked, (self.slug, &self.sent.token), now_ms)
    }

    /// What is to be told of it. Sent twice it is the same, but for the stamp's time.
    pub(super) fn stamp(
        &self,
        config: &Config,
        visitor: Option<VisitorId>,
        origins: &Origins,
        now_ms: u64,
    ) -> Result<Stamped<'a>, Refusal> {
        let visitor_id = visitor.unwrap_or(VisitorId::new(0));
        let sent = self.notice(TokenId(0))?.encode();
        let own_id = self.sent.submission_id.as_str();
        let told_by = (own_id, sent.as_slice());
        let token_id = identity::submission(&config.mint_key, self.slug, visitor_id, told_by);
        let notice = self.notice(token_id)?;
        let seen = match visitor {
            Some(_) => origins,
            None => &only_whether_a_bot(origins),
        };
        Ok(step::stamp_notice(
            self.site, &notice, visitor_id, seen, now_ms,
        ))
    }

    fn notice(&self, token_id: TokenId) -> Result<Notice<'a>, Refusal> {
        let answers = self.sent.answers.iter();
        let answers = Answers {
            token_id,
            form: &self.sent.form,
            answers: answers
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect(),
        };
        answers.check()?;
        Ok(Notice {
            site: self.slug,
            what: What::Form(answers),
        })
    }

    /// Says yes, and leads on where the form asks for it.
    pub(super) fn thank(self, _: Delivered) -> Answer {
        let answer = match self.next {
            Some(next) => Answer::see_other(next),
            None => Answer::nothing(),
        };
        if self.sent.had_secrets {
            answer.with("crumb-refused", "secret")
        } else {
            answer
        }
    }
}

/// What is told of nobody: whether it was a person.
fn only_whether_a_bot(origins: &Origins) -> Origins {
    Origins {
        agent: RawAgent {
            bot: origins.agent.bot,
            ..RawAgent::default()
        },
        ..Origins::default()
    }
}
