//! Random histories of browsers that people share: visits, logins, sign-outs, links in
//! messages that are handed on, requests that come twice, late, at once, or whose answers are
//! lost. Whatever happens, the rules of identity hold.
//!
//! PROPTEST_CASES makes it as many as one has patience for:
//! `PROPTEST_CASES=1000000 cargo test --release --package edge-worker histories`

use super::tests::{Desk, NOW_MS};
use super::*;
use proptest::prelude::*;
use protocol::{
    link::{Proven, Strength, links},
    token::TokenId,
};
use std::collections::BTreeMap;

const BROWSERS: usize = 3;
const CONTACTS: [&str; 3] = ["noa", "dan", "gal"];
/// From one act to the next: longer than requests take.
const STEP_MS: u64 = 2 * JITTER_MS;

/// What a batch says of who sent it.
#[derive(Clone, Copy, Debug)]
enum Says {
    Nothing,
    /// The contact, and the token's id.
    Login(usize, u64),
    Landing(usize, u64),
    SignOut,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A batch is sent, and answered.
    Send(Says),
    /// It is sent, but its answer is lost.
    SendInVain(Says),
    /// Two batches are sent at once, with the same cookie.
    Race(Says, Says),
    /// One that was sent before, by this browser, is sent once more.
    Again(prop::sample::Index),
    /// The page's token was copied from another browser's address bar, or page.
    Copy(prop::sample::Index),
    /// The browser forgets its cookie.
    Clear,
}

fn says() -> impl Strategy<Value = Says> {
    prop_oneof![
        3 => Just(Says::Nothing),
        2 => (0..CONTACTS.len(), any::<u64>()).prop_map(|(who, token)| Says::Login(who, token)),
        2 => (0..CONTACTS.len(), any::<u64>()).prop_map(|(who, token)| Says::Landing(who, token)),
        1 => Just(Says::SignOut),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => says().prop_map(Act::Send),
        1 => says().prop_map(Act::SendInVain),
        1 => (says(), says()).prop_map(|(one, other)| Act::Race(one, other)),
        2 => any::<prop::sample::Index>().prop_map(Act::Again),
        1 => any::<prop::sample::Index>().prop_map(Act::Copy),
        1 => Just(Act::Clear),
    ]
}

/// A batch as it was recorded.
#[derive(Clone, Copy, Debug)]
struct Batch {
    browser: usize,
    tab: TabId,
    seq: u32,
    at_ms: u64,
    says: Says,
}

#[derive(Default)]
struct World {
    now_ms: u64,
    cookies: [Option<String>; BROWSERS],
    /// The tab that a browser without a cookie first sent from.
    tabs: [u64; BROWSERS],
    sent: Vec<Batch>,
    proofs: Vec<Proven<usize>>,
    /// The visitors of each tab that sent without a cookie.
    first: BTreeMap<TabId, VisitorId>,
    /// When each visitor first came after another in its browser.
    began: BTreeMap<VisitorId, u64>,
}

impl World {
    fn record(&mut self, browser: usize, says: Says) -> Batch {
        let batch = Batch {
            browser,
            tab: TabId(self.tabs[browser] * 10 + browser as u64),
            seq: self.sent.len() as u32,
            at_ms: self.now_ms,
            says,
        };
        self.sent.push(batch);
        batch
    }

    /// The edge takes a batch: what carries the identity from here on.
    fn take(&mut self, batch: Batch, cookie: Option<&str>) -> String {
        self.now_ms += 1;
        let desk = Desk::new(&["k"]);
        let registry = desk.at(NOW_MS + self.now_ms);
        let at_ms = NOW_MS + batch.at_ms;
        let recognized = registry.recognize(cookie, batch.tab);
        let mut next = recognized.identity;
        let mut visitor = registry.recorded_by(next, batch.tab, at_ms);
        // What somebody did isn't taken for what the next did.
        let began_ms = self.began.get(&visitor).copied().unwrap_or_default();
        assert!(began_ms <= batch.at_ms + JITTER_MS);
        if recognized.minted {
            // Parallel and repeated first batches are one visitor's.
            assert_eq!(*self.first.entry(batch.tab).or_insert(visitor), visitor);
        }
        let mut prove = |visitor, contact, strength, token| {
            self.proofs.push(Proven {
                visitor,
                contact,
                strength,
                token: TokenId(token),
                received_at_ms: self.now_ms,
            });
        };
        match batch.says {
            Says::Nothing => {}
            Says::Login(contact, token) => {
                let logged_in = registry.log_in(next, CONTACTS[contact], at_ms);
                (visitor, next) = (logged_in.visitor, logged_in.next);
                prove(visitor, contact, Strength::Strong, token);
            }
            Says::Landing(contact, token) => prove(visitor, contact, Strength::Weak, token),
            Says::SignOut => next = registry.sign_out(next, (batch.tab, batch.seq), at_ms),
        }
        assert_eq!(visitor.get() >> 63, 0);
        if next.id != recognized.identity.id {
            let began_ms = self.began.entry(next.id).or_insert(batch.at_ms);
            *began_ms = batch.at_ms.min(*began_ms);
        }
        registry.carry(recognized, next).sealed
    }

    fn act(&mut self, browser: usize, act: Act) {
        self.now_ms += STEP_MS;
        let cookie = self.cookies[browser].clone();
        match act {
            Act::Send(says) => {
                let batch = self.record(browser, says);
                self.cookies[browser] = Some(self.take(batch, cookie.as_deref()));
                self.check_the_browser(batch);
            }
            Act::SendInVain(says) => {
                let batch = self.record(browser, says);
                self.take(batch, cookie.as_deref());
            }
            Act::Race(one, other) => {
                let one = self.record(browser, one);
                let other = self.record(browser, other);
                self.take(one, cookie.as_deref());
                self.cookies[browser] = Some(self.take(other, cookie.as_deref()));
            }
            Act::Again(which) => {
                let own: Vec<_> = self
                    .sent
                    .iter()
                    .filter(|batch| batch.browser == browser)
                    .collect();
                if !own.is_empty() {
                    let batch = *own[which.index(own.len())];
                    self.cookies[browser] = Some(self.take(batch, cookie.as_deref()));
                }
            }
            Act::Copy(which) => {
                if !self.sent.is_empty() {
                    let says = self.sent[which.index(self.sent.len())].says;
                    let batch = self.record(browser, says);
                    self.cookies[browser] = Some(self.take(batch, cookie.as_deref()));
                }
            }
            Act::Clear => {
                self.cookies[browser] = None;
                self.tabs[browser] += 1;
            }
        }
    }

    /// Right after a login that is news, the browser is the contact's; right after a sign-out it
    /// is nobody's by a login.
    fn check_the_browser(&self, batch: Batch) {
        let desk = Desk::new(&["k"]);
        let now = desk.at(NOW_MS + self.now_ms);
        let cookie = self.cookies[batch.browser].as_deref();
        let identity = now.recognize(cookie, batch.tab).identity;
        match batch.says {
            Says::Login(contact, _) => assert_eq!(
                now.log_in(identity, CONTACTS[contact], now.now_ms).visitor,
                identity.id
            ),
            Says::SignOut => assert_eq!(identity.link, 0),
            Says::Nothing | Says::Landing(..) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(3_000, |cases| cases.parse().unwrap()),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_rules_of_identity_hold(history in prop::collection::vec((0..BROWSERS, act()), 1..24)) {
        let mut world = World::default();
        let mut before = BTreeMap::new();
        for (browser, act) in history {
            world.act(browser, act);
            let now = links(&world.proofs, |_| 0);
            for (visitor, (contact, strength)) in &now {
                // No link without a proof of just that.
                let is_proved = world.proofs.iter().any(|proof| {
                    proof.visitor == *visitor
                        && (proof.contact, proof.strength) == (*contact, *strength)
                });
                prop_assert!(is_proved);
                // A weak proof never beats a strong one that holds.
                let first_strong = world.proofs.iter().find(|proof| {
                    proof.visitor == *visitor
                        && proof.strength == Strength::Strong
                        && !world.proofs.iter().any(|other| {
                            (other.token, other.strength) == (proof.token, proof.strength)
                                && other.visitor != proof.visitor
                                && other.received_at_ms <= proof.received_at_ms
                        })
                });
                if let Some(proof) = first_strong {
                    prop_assert_eq!((*contact, *strength), (proof.contact, Strength::Strong));
                }
            }
            // No link by a login is ever undone, and no other but by a login.
            for (visitor, (contact, strength)) in before {
                let (still, by) = now[&visitor];
                prop_assert!(still == contact || by > strength, "{visitor} was {contact}");
            }
            before = now;
        }
    }
}
