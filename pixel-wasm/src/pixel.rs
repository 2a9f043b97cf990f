//! The pixel's state on one page load, and what becomes of everything it is told.
//!
//! Consent stands at the door: what is told before it is held, and heard once it is given,
//! with the times it was told at. What is recorded goes one way: [`record`](Pixel::record)
//! puts the page view before it, and [`append`](Pixel::append) gives it a visit and a place
//! in the queue.

use crate::{
    bytes::{Bytes, hash, take_number},
    click,
    commerce::{self, Pieces},
    dwell::Dwell,
    lines::{As, Lines, same},
    page::Page,
    queue::{Queue, Store},
    sending::{Pauses, Verdict, verdict},
    visit::{UNKNOWN, Visit},
};
use protocol::{
    event::{CommerceKind, FormStage},
    limit::PROPS,
    write,
};

/// Where the visit is remembered.
const VISIT: &[u8] = b"crumb.s";
/// Where the page load is remembered, as [`Queue::tell`] has it.
const TAB: &[u8] = b"crumb.t";
/// Where the visitor token of another site's page is kept.
const TOKEN: &[u8] = b"crumb.v";
/// Where the latest orders are remembered, as hashes.
const ORDERS: &[u8] = b"crumb.o";
/// Where the shop's own people are remembered.
const STAFF: &[u8] = b"crumb.w";

/// How many orders are remembered.
const MOST_ORDERS: usize = 20;
/// Dwell is recorded once it has come to this much, and whenever the page is hidden.
const DWELL_STEP_MS: u64 = 15_000;
/// For so long the visit is taken to be as it was last read: other tabs have theirs in it.
const RECALL_MS: u64 = 5_000;
/// How many kinds of commerce events there are.
const COMMERCE_KINDS: usize = CommerceKind::ALL.len();
/// The same thing told by two sources within this time is one.
const TWIN_MS: u64 = 1_000;

/// Tags of actions on the wire; those of others stand where they are written.
const DWELL: u8 = 1;
const SEARCH: u8 = 3;
const CUSTOM: u8 = 5;
const FILTER: u8 = 6;
const FORM: u8 = 7;
const IDENTIFY: u8 = 8;
const SIGN_OUT: u8 = 9;
/// A page view: its tag, and no props.
const PAGE_VIEW: [u8; 2] = [0, 0];

/// What a page tells, each with a number and a text of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// A page came up: the facts of [`Page`].
    Page,
    /// Its address changed, or it is better known. At another address it is another page.
    Changed,
    /// A click: see [`click::click`].
    Click,
    /// A form was begun: its name.
    FormStart,
    /// A form was sent: its name.
    FormSubmit,
    /// The site (0) or its data layer (1) says something by a name of GA4's or ours: the
    /// name, a method of sharing, then the lines of [`commerce::write`].
    Command,
    /// A search: its term.
    Search,
    /// Other filters than before. Lines: names and values, the values as for an event of
    /// the site's own.
    Filter,
    /// An event of the site's own. Lines: its name; then names and values of its props, a
    /// value beginning with `t` (text), `n` (number) or `b` (`b1` is yes).
    Track,
    /// Whether this is a browser of the shop's own people (1) from here on, or not (0).
    Staff,
    /// The visitor did something, and has seen this many percent of the page.
    Input,
    /// The page is in view (1) or hidden (0).
    Shown,
    /// The page goes, and the forms that were begun with it.
    Left,
    /// The page is about to become another, and this many percent of it have been seen: what
    /// was dwelt on it is its own.
    Moving,
    /// Some seconds went by; this many percent of the page have been seen.
    Tick,
    /// The visitor chose, or the site said what holds until they do: to wait (0), which
    /// holds everything in memory; yes (1); no (2), which forgets everything.
    Consent,
    /// Somebody says who the visitor is: by a token of the shop's backend (0) or of a link in a
    /// message (1), or claims an id (2), a mail address (3) or a phone number (4).
    Identify,
    /// The visitor signed out; who comes next is somebody else.
    SignOut,
    /// What was [given](Pixel::give) was answered by this status, 0 where it wasn't, and a
    /// thousand times the seconds of `Retry-After`; the body.
    Answered,
}

impl Tell {
    /// All, in the order of the numbers by which the page's script names them.
    pub const ALL: [Self; 19] = [
        Self::Page,
        Self::Changed,
        Self::Click,
        Self::FormStart,
        Self::FormSubmit,
        Self::Command,
        Self::Search,
        Self::Filter,
        Self::Track,
        Self::Staff,
        Self::Input,
        Self::Shown,
        Self::Left,
        Self::Moving,
        Self::Tick,
        Self::Consent,
        Self::Identify,
        Self::SignOut,
        Self::Answered,
    ];
}

/// What consent does with what is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    Waiting,
    Closed,
}

/// The pixel of one page load.
#[derive(Debug)]
pub struct Pixel<S> {
    queue: Queue<S>,
    site: Bytes,
    chance: u64,
    now_ms: u64,
    steady_ms: u64,
    gate: Gate,
    granted: bool,
    /// What was told before consent.
    held: Bytes,
    held_lost: u64,
    facts: Bytes,
    dwell: Dwell,
    /// The page's view was not recorded yet, and where its visitor came from.
    unviewed: bool,
    origin: Bytes,
    /// The page load before, as it told of itself.
    previous: Bytes,
    staff: bool,
    visit: Visit,
    /// When it was last read, and whether it is yet to be written.
    recalled_ms: u64,
    is_unkept: bool,
    orders: Bytes,
    token: Bytes,
    /// Of each kind of commerce event, who told the last, and when.
    told: [(u32, u64); COMMERCE_KINDS],
    /// Hash of the term that was searched for last on this page.
    last_search: u64,
    /// Forms that were begun, and those that were sent.
    begun: Bytes,
    sent: Bytes,
    /// What is being written; empty between two events.
    action: Bytes,
    head: Bytes,
    event: Bytes,
    pauses: Pauses,
}

impl<S: Store> Pixel<S> {
    /// A pixel that was not started.
    pub const fn new(store: S) -> Self {
        Self {
            queue: Queue::new(store),
            site: Bytes::EMPTY,
            chance: 0,
            now_ms: 0,
            steady_ms: 0,
            gate: Gate::Closed,
            granted: false,
            held: Bytes::EMPTY,
            held_lost: 0,
            facts: Bytes::EMPTY,
            dwell: Dwell::new(0, false),
            unviewed: false,
            origin: Bytes::EMPTY,
            previous: Bytes::EMPTY,
            staff: false,
            visit: Visit::NONE,
            recalled_ms: 0,
            is_unkept: false,
            orders: Bytes::EMPTY,
            token: Bytes::EMPTY,
            told: [(0, u64::MAX); COMMERCE_KINDS],
            last_search: 0,
            begun: Bytes::EMPTY,
            sent: Bytes::EMPTY,
            action: Bytes::EMPTY,
            head: Bytes::EMPTY,
            event: Bytes::EMPTY,
            pauses: Pauses::NONE,
        }
    }

    /// Starts it: for a site, with 64 random bits, and where consent is required without
    /// reading or writing its store before.
    pub fn start(&mut self, site: &[u8], seed: u64, consent_required: bool) {
        self.site.set(site);
        // A generator that started at 0 would stay there.
        self.chance = seed | 1 << 63;
        self.queue.tab = self.random();
        self.gate = Gate::Waiting;
        if !consent_required {
            self.gate = Gate::Open;
            self.recall();
        }
    }

    /// Tells the time, before anything else is told: since the epoch, and by a clock that
    /// never goes back.
    pub fn clock(&mut self, now_ms: u64, steady_ms: u64) {
        self.now_ms = now_ms;
        self.steady_ms = steady_ms;
    }

    /// Tells something; false for a command that isn't known. Of a no, whether the edge has
    /// to know: it may know this browser.
    pub fn tell(&mut self, tell: Tell, number: u32, text: &[u8]) -> bool {
        if tell == Tell::Consent {
            return self.consent(number);
        }
        if self.gate == Gate::Open {
            return self.hear(tell, number, text);
        } else if self.gate == Gate::Waiting && tell != Tell::Tick {
            // Time tells itself anew.
            self.hold(tell, number, text);
        }
        true
    }

    fn hold(&mut self, tell: Tell, number: u32, text: &[u8]) {
        let before = self.held.written();
        self.held.number(self.now_ms);
        self.held.number(self.steady_ms);
        self.held.number(tell as u64);
        self.held.number(number.into());
        self.held.number(text.len() as u64);
        self.held.add(text);
        if self.held.has_overflown() {
            self.held.truncate(before);
            self.held_lost += 1;
        }
    }

    fn consent(&mut self, choice: u32) -> bool {
        let mut is_known = false;
        match choice {
            0 => {
                if !self.granted && self.gate == Gate::Open {
                    self.gate = Gate::Waiting;
                }
            }
            1 => {
                self.granted = true;
                if self.gate != Gate::Open {
                    self.gate = Gate::Open;
                    self.recall();
                    self.hear_held();
                }
            }
            _ => {
                is_known = self.visit.id > 0 || self.queue.store.get(TAB, &mut self.event);
                self.granted = false;
                self.gate = Gate::Closed;
                self.held.truncate(0);
                self.previous.truncate(0);
                self.orders.truncate(0);
                self.token.truncate(0);
                self.held_lost = 0;
                self.visit.id = 0;
                self.is_unkept = false;
                let tab = self.random();
                self.queue.forget(tab);
                // Where consent comes later, the page is seen then.
                self.unviewed = true;
                self.origin.set(&UNKNOWN);
            }
        }
        is_known
    }

    fn hear_held(&mut self) {
        self.queue.lose(self.held_lost);
        self.held_lost = 0;
        let held = core::mem::replace(&mut self.held, Bytes::EMPTY);
        let (now_ms, steady_ms) = (self.now_ms, self.steady_ms);
        let mut rest = held.get();
        while !rest.is_empty() {
            self.now_ms = take_number(&mut rest);
            self.steady_ms = take_number(&mut rest);
            let tell = Tell::ALL.get(take_number(&mut rest) as usize);
            let number = take_number(&mut rest) as u32;
            let length = take_number(&mut rest) as usize;
            let text = rest.get(..length).unwrap_or_default();
            rest = rest.get(length..).unwrap_or_default();
            if let Some(tell) = tell {
                self.hear(*tell, number, text);
            }
        }
        self.clock(now_ms, steady_ms);
    }

    fn hear(&mut self, tell: Tell, number: u32, text: &[u8]) -> bool {
        let mut lines = Lines(text);
        match tell {
            Tell::Page | Tell::Changed => {
                let page = Page(Lines(self.facts.get()));
                if tell == Tell::Page || !page.is(Page(lines)) {
                    self.abandon_forms();
                    self.dwell.restart(self.steady_ms);
                    // An application may lead on at once, and strip the campaign.
                    if tell == Tell::Page || !self.unviewed {
                        self.origin.truncate(0);
                        Page(lines).write_origin(&mut self.origin);
                    }
                    self.unviewed = true;
                    self.last_search = 0;
                }
                self.facts.set(text);
            }
            Tell::Click => {
                let page = Page(Lines(self.facts.get()));
                click::click(&mut self.action, page.host(), lines);
                self.record();
            }
            Tell::FormStart => {
                if !Lines(self.begun.get()).holds(text) {
                    self.begun.add(text);
                    self.begun.push(b'\n');
                    write_form(&mut self.action, FormStage::Start, text);
                    self.record();
                }
            }
            Tell::FormSubmit => {
                self.sent.add(text);
                self.sent.push(b'\n');
                write_form(&mut self.action, FormStage::Submit, text);
                self.record();
            }
            Tell::Command => return self.command(number, lines),
            Tell::Search => {
                // The address may show what the site tells as well.
                let term = hash(text);
                if self.last_search != term {
                    self.last_search = term;
                    self.action.push(SEARCH);
                    self.action.text(text, As::Prose);
                    self.action.push(0);
                    self.record();
                }
            }
            Tell::Filter => {
                self.action.push(FILTER);
                self.props(lines);
            }
            Tell::Track => {
                self.action.push(CUSTOM);
                self.action.field(lines, 0, As::Prose);
                lines.skip(1);
                self.props(lines);
            }
            Tell::Staff => {
                self.staff = number > 0;
                if self.staff {
                    self.queue.store.set(STAFF, b"1");
                } else {
                    self.queue.store.remove(STAFF);
                }
            }
            Tell::Input => self.dwell.input(self.steady_ms, number as u8),
            Tell::Shown => {
                self.dwell.set_visible(self.steady_ms, number > 0);
                if number > 0 {
                    self.queue.came_back();
                } else {
                    self.record_dwell(1);
                }
                self.keep();
            }
            Tell::Left => {
                self.abandon_forms();
                self.keep();
            }
            Tell::Moving => {
                self.dwell.saw(number as u8);
                self.record_dwell(1);
            }
            Tell::Tick => {
                self.dwell.saw(number as u8);
                self.view();
                let over = self.dwell.is_over(self.steady_ms);
                self.record_dwell(if over { 1 } else { DWELL_STEP_MS });
                self.queue.renew(self.now_ms);
                self.keep();
            }
            Tell::Identify if text.is_empty() => {}
            Tell::Identify => {
                // The edge heeds a token only as the first of its batch.
                self.view();
                self.queue.seal();
                self.action.push(IDENTIFY);
                self.action.push(number as u8);
                self.action.text(text, As::Code);
                self.action.push(0);
                self.record();
            }
            Tell::SignOut => {
                self.action.push(SIGN_OUT);
                self.action.push(0);
                self.record();
                self.queue.seal();
                self.visit.id = 0;
                self.visit.number = 0;
                self.is_unkept = false;
                self.queue.store.remove(VISIT);
            }
            Tell::Answered => self.answered(number % 1000, number / 1000, text),
            Tell::Consent => {}
        }
        true
    }

    fn command(&mut self, by: u32, mut lines: Lines<'_>) -> bool {
        let name = lines.nth(0);
        let first = lines;
        lines.skip(2);
        if same(name, b"share") {
            click::shared(&mut self.action, first.nth(1));
            self.record();
        } else if same(name, b"update_cart") {
            self.commerce(by, CommerceKind::AddToCart as u8, Pieces::More, lines);
            self.commerce(by, CommerceKind::RemoveFromCart as u8, Pieces::Fewer, lines);
        } else if let Some(kind) = commerce::kind(name) {
            self.commerce(by, kind, Pieces::Told, lines);
        } else {
            return false;
        }
        true
    }

    fn commerce(&mut self, by: u32, kind: u8, which: Pieces, lines: Lines<'_>) {
        let Some((teller, at_ms)) = self.told.get_mut(usize::from(kind)) else {
            return;
        };
        let is_twin = *teller != by && self.steady_ms.abs_diff(*at_ms) < TWIN_MS;
        let items = commerce::write(&mut self.action, kind, which, lines);
        // A cart that didn't change is no event.
        let is_event = !is_twin && (which == Pieces::Told || items > 0);
        if is_event {
            (*teller, *at_ms) = (by, self.steady_ms);
        }
        let order_id = lines.nth(2);
        let is_order = kind == CommerceKind::Purchase as u8 && !order_id.is_empty();
        if is_event && !(is_order && self.is_known_order(hash(order_id))) {
            self.record();
        }
        self.action.truncate(0);
    }

    /// Writes props, and records what they are of.
    fn props(&mut self, mut lines: Lines<'_>) {
        let at = self.action.begin();
        let mut props = 0;
        while !lines.is_done() && props < PROPS {
            props += 1;
            self.action.field(lines, 0, As::Prose);
            let value = lines.nth(1);
            // Its kind is a letter; a character of more bytes is not to be torn.
            let kind = value.first().is_some_and(u8::is_ascii);
            let text = value.get(kind.into()..).unwrap_or_default();
            lines.skip(2);
            if value.starts_with(b"n") {
                self.action.push(1);
                self.action.text(text, As::Code);
            } else if value.starts_with(b"b") {
                self.action.push(2);
                self.action.push(text.starts_with(b"1").into());
            } else {
                self.action.push(0);
                self.action.text(text, As::Prose);
            }
        }
        self.action.end(at, props);
        self.record();
    }

    /// Writes what is to be sent now, if anything: the answer is awaited before there is
    /// more. `last` is for a page that goes away: nobody will read the answer.
    pub fn give(&mut self, last: bool, out: &mut Bytes) {
        out.truncate(0);
        if self.gate != Gate::Open || !(last || self.pauses.is_over(self.steady_ms)) {
            return;
        }
        out.add(write::ATTEMPT);
        out.number(self.now_ms);
        self.queue.store.get(TOKEN, &mut self.token);
        out.text(self.token.get(), As::Code);
        let batch = if last {
            self.queue.take_by_beacon(self.now_ms)
        } else {
            self.queue.take(self.now_ms)
        };
        match batch {
            Some(batch) => out.add(batch),
            None => out.truncate(0),
        }
    }

    fn answered(&mut self, status: u32, retry_after_s: u32, text: &[u8]) {
        let verdict = verdict(status, text);
        if verdict == Verdict::Token {
            // Without room for it the next page has a new visitor.
            self.token.set(text);
            self.queue.store.set(TOKEN, text);
        }
        let refused = verdict == Verdict::Refused;
        if refused {
            // The token may be why.
            self.token.truncate(0);
            self.queue.store.remove(TOKEN);
        }
        let failed = verdict == Verdict::Failed;
        let random = self.random();
        self.pauses
            .answered(failed, self.steady_ms, retry_after_s, random);
        self.queue.settle(!failed, refused);
    }

    /// Reads what the browser remembers, once that is allowed.
    fn recall(&mut self) {
        self.queue.store.get(TAB, &mut self.previous);
        self.staff = self.queue.store.get(STAFF, &mut self.event);
    }

    fn abandon_forms(&mut self) {
        let mut n = 0;
        loop {
            let name = Lines(self.begun.get()).nth(n);
            if name.is_empty() {
                break;
            }
            if !Lines(self.sent.get()).holds(name) {
                write_form(&mut self.action, FormStage::Abandon, name);
                self.record();
            }
            n += 1;
        }
        self.begun.truncate(0);
        self.sent.truncate(0);
    }

    /// Records the dwell so far, if it has come to so much. Left for later, it would seem
    /// to have been then.
    fn record_dwell(&mut self, least_ms: u64) {
        if self.dwell.pending_ms(self.steady_ms) >= least_ms {
            self.action.push(DWELL);
            self.action.number(self.dwell.take(self.steady_ms));
            self.action.push(self.dwell.scroll_percent());
            self.action.push(0);
            self.record();
        }
    }

    /// Records what was written, after the view of the page it was done on.
    fn record(&mut self) {
        self.view();
        self.append(false);
        self.action.truncate(0);
    }

    /// Records the page's view, if it wasn't and somebody sees it.
    fn view(&mut self) {
        if self.unviewed && self.dwell.is_visible() {
            self.append(true);
            self.unviewed = false;
        }
    }

    fn append(&mut self, is_view: bool) {
        if self.visit.id == 0 || self.steady_ms.saturating_sub(self.recalled_ms) >= RECALL_MS {
            self.recalled_ms = self.steady_ms;
            if self.queue.store.get(VISIT, &mut self.event) {
                self.visit.recall(self.event.get());
            }
        }
        let new_id = self.random();
        // A page in the background has an origin before it has a view.
        let (origin, is_first) = (self.origin.get(), self.unviewed);
        let is_new = self.visit.go_on(self.now_ms, origin, is_first, new_id);

        self.head.truncate(0);
        self.head.push(self.granted.into());
        self.head.push(self.staff.into());
        self.visit.write(&mut self.head);
        Page(Lines(self.facts.get())).write(&mut self.head);
        self.event.truncate(0);
        self.event.push(is_new.into());
        self.event.add(if is_view {
            &PAGE_VIEW
        } else {
            self.action.get()
        });
        if self.action.has_overflown() {
            self.event.truncate(usize::MAX);
        }
        let (site, previous) = (self.site.get(), self.previous.get());
        self.queue
            .append(self.now_ms, site, &self.head, previous, &self.event);
        self.is_unkept = true;
        if is_new {
            self.keep();
        }
        // Where there is no room for it, one loss less is seen.
        self.event.truncate(0);
        self.queue.tell(&mut self.event);
        self.queue.store.set(TAB, self.event.get());
    }

    /// Writes what the browser is to remember of the visit, if there is news. It needn't be
    /// at each event: its end is only a little less exact without the last.
    fn keep(&mut self) {
        if self.is_unkept {
            self.is_unkept = false;
            // Another tab may have begun a visit since ours was read.
            self.event.truncate(0);
            self.queue.store.get(VISIT, &mut self.event);
            if !self.visit.gives_way(self.event.get()) {
                self.event.truncate(0);
                self.visit.remember(&mut self.event);
                self.queue.store.set(VISIT, self.event.get());
            }
        }
    }

    /// Whether the order was recorded before, on this page or another; remembers it.
    fn is_known_order(&mut self, order: u64) -> bool {
        self.queue.store.get(ORDERS, &mut self.orders);
        let mut rest = self.orders.get();
        while !rest.is_empty() {
            if take_number(&mut rest) == order {
                return true;
            }
        }
        // The latest first.
        self.event.truncate(0);
        self.event.number(order);
        self.event.add(self.orders.get());
        let mut rest = self.event.get();
        for _ in 0..MOST_ORDERS {
            take_number(&mut rest);
        }
        let length = self.event.written() - rest.len();
        self.orders
            .set(self.event.get().get(..length).unwrap_or_default());
        self.queue.store.set(ORDERS, self.orders.get());
        false
    }

    /// The next random number (xorshift64*; Vigna, 2016).
    fn random(&mut self) -> u64 {
        self.chance ^= self.chance >> 12;
        self.chance ^= self.chance << 25;
        self.chance ^= self.chance >> 27;
        self.chance.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

fn write_form(out: &mut Bytes, stage: FormStage, name: &[u8]) {
    out.push(FORM);
    out.push(stage as u8);
    out.text(name, As::Prose);
    // No props.
    out.push(0);
}

#[cfg(test)]
#[path = "pixel_tests.rs"]
mod tests;
