//! The queue's other end: envelopes that were taken when the backend was to be spared, posted
//! to it many at a time.
//!
//! A message is one envelope, and each gets a verdict of its own: it is acknowledged when the
//! backend has it on its disk, else it is tried again, later each time. What can't be
//! delivered at all ends, after as many tries as `wrangler.toml` allows, in the dead-letter
//! queue, where an operator finds it.

use crate::{
    accept::Platform,
    config::{Config, SiteConfig},
    forward::{self, Cause, Undelivered},
};
use protocol::{envelope::Envelope, limit};

/// The first wait, in seconds; it doubles with each try.
const FIRST_WAIT_S: u32 = 5;
/// The longest wait, in seconds.
const LONGEST_WAIT_S: u32 = 3600;

/// A message of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The envelope.
    pub envelope: Vec<u8>,
    /// Which try this is, from 1.
    pub attempts: u32,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The backend has it.
    Done,
    /// To be tried again after so many seconds.
    Again(u32),
}

/// Posts the messages, and says what became of each, in their order.
pub async fn drain(
    config: &Config,
    messages: &[Waiting],
    platform: &impl Platform,
) -> Vec<Verdict> {
    let mut verdicts: Vec<_> = messages.iter().map(|message| again(message, 0)).collect();
    for load in loads(config, messages, platform) {
        deliver(config, messages, &load, platform, &mut verdicts).await;
    }
    verdicts
}

/// What goes to one backend at once: messages by their places.
struct Load<'a> {
    site: &'a SiteConfig,
    places: Vec<usize>,
    bytes: usize,
}

/// Sorts messages by their backends, into bodies that these take. What is no envelope of a
/// site of ours is in none.
fn loads<'a>(config: &'a Config, messages: &[Waiting], platform: &impl Platform) -> Vec<Load<'a>> {
    let mut loads: Vec<Load<'a>> = Vec::new();
    for (place, message) in messages.iter().enumerate() {
        let slug = Envelope::decode(&message.envelope).and_then(|envelope| envelope.site());
        let Some(site) = slug.ok().and_then(|slug| config.site(slug)) else {
            platform.report("the queue holds what is no envelope of a site in SITES");
            continue;
        };
        let bytes = message.envelope.len() + 4;
        let fits = |load: &&mut Load<'_>| {
            load.site.ingest_url == site.ingest_url
                && load.places.len() < limit::BODY_ENVELOPES
                && load.bytes + bytes <= limit::BODY_BYTES
        };
        if let Some(load) = loads.iter_mut().find(fits) {
            load.places.push(place);
            load.bytes += bytes;
        } else {
            loads.push(Load {
                site,
                places: vec![place],
                bytes,
            });
        }
    }
    loads
}

/// Posts a load. A backend refuses a body whole for the sake of one envelope, so then each
/// goes alone.
async fn deliver(
    config: &Config,
    messages: &[Waiting],
    load: &Load<'_>,
    platform: &impl Platform,
    verdicts: &mut [Verdict],
) {
    let mut tries = vec![load.places.as_slice()];
    let mut is_there = true;
    while let Some(places) = tries.pop().filter(|_| is_there) {
        let sent = places.iter().filter_map(|&place| messages.get(place));
        let envelopes = sent.map(|message| message.envelope.as_slice());
        let url = &load.site.ingest_url;
        let post = forward::sign(url, &config.forward_keys, platform.now_ms(), envelopes);
        let undelivered = forward::judge(url, platform.post(&post).await).err();
        if let Some(Undelivered {
            cause: Cause::Refused(_),
            ..
        }) = undelivered
            && places.len() > 1
        {
            tries.extend(places.chunks(1));
            continue;
        }
        if let Some(why) = &undelivered {
            platform.report(&why.to_string());
            // Of a backend that is gone in the middle the rest is not asked, one by one.
            is_there = matches!(why.cause, Cause::Refused(_));
        }
        for &place in places {
            if let (Some(verdict), Some(message)) = (verdicts.get_mut(place), messages.get(place)) {
                *verdict = undelivered
                    .as_ref()
                    .map_or(Verdict::Done, |why| again(message, why.retry_after_s));
            }
        }
    }
}

/// Later with each try, and no sooner than the backend asks for.
fn again(message: &Waiting, least_s: u32) -> Verdict {
    let doublings = message.attempts.saturating_sub(1).min(16);
    let wait_s = (FIRST_WAIT_S << doublings).min(LONGEST_WAIT_S);
    Verdict::Again(wait_s.max(least_s))
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
