//! What an edge says of the batches that it passes on.

use crate::page::Chance;
use protocol::{
    envelope::{Agent, Place, Stamp},
    id::VisitorId,
};
use rand::seq::IndexedRandom as _;

const CITIES: [(&str, &str); 6] = [
    ("Tel Aviv District", "Tel Aviv"),
    ("Tel Aviv District", "Ramat Gan"),
    ("Jerusalem", "Jerusalem"),
    ("Haifa", "Haifa"),
    ("Southern District", "Beersheba"),
    ("Central District", "Rishon LeZion"),
];
const AGENTS: [(&str, &str, &str); 4] = [
    ("mobile", "Chrome", "Android"),
    ("mobile", "Safari", "iOS"),
    ("desktop", "Chrome", "Windows"),
    ("desktop", "Firefox", "macOS"),
];

/// What an edge says of a batch of this visitor's: `times` are when it was sent, by the browser's
/// clock, and when it came, both in milliseconds since the epoch.
pub fn stamp(chance: &mut Chance, visitor_id: VisitorId, times: (u64, u64)) -> Stamp<'static> {
    let (region, city) = *CITIES.choose(chance).unwrap_or(&("", ""));
    let (device, browser, os) = *AGENTS.choose(chance).unwrap_or(&("", "", ""));
    let (sent_at_ms, received_at_ms) = times;
    Stamp {
        visitor_id,
        received_at_ms,
        sent_at_ms,
        place: Place {
            country: "IL",
            region,
            city,
            time_zone: "Asia/Jerusalem",
        },
        agent: Agent {
            device,
            browser,
            os,
            bot: false,
        },
        proof: None,
    }
}
