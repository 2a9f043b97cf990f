//! The pixel's state on one page, and how an event gets from it into the queue.

use super::{
    page::{self, Page},
    shelf::Shelf,
};
use crate::{
    dwell::Dwell,
    hex::hex,
    queue::{Queue, Store},
    session::{Source, Visit},
};
use alloc::{string::String, vec::Vec};
use protocol::{
    batch::{self, Consent, Header, Previous},
    event::{Action, Event, Prop},
    id::TabId,
    limit::TOKEN_BYTES,
};
use web_sys::{Performance, VisibilityState, Window};

/// Where the visit is remembered.
const VISIT: &str = "crumb.s";
/// Where the page load is remembered: `<tab in hex>.<events in hex>`.
const TAB: &str = "crumb.t";
/// Where the visitor token of another site's page is kept.
const TOKEN: &str = "crumb.v";

/// Dwell is recorded once it has come to this much, and whenever the page is hidden.
const DWELL_STEP_MS: u64 = 15_000;

/// The state of one page load.
pub struct Pixel {
    pub window: Window,
    pub endpoint: String,
    pub queue: Queue<Shelf>,
    pub dwell: Dwell,
    /// The page as of the last page view.
    pub page: Page,
    pub sending: super::send::Sending,
    site: String,
    performance: Performance,
    tab: TabId,
    previous: Option<Previous>,
    /// Where the visitor came from, until the page view took it.
    source: Option<Source>,
    viewed: bool,
    visit_id: Option<u64>,
}

impl Pixel {
    /// `None` where the browser lacks what any browser since 2018 has.
    pub fn new(window: Window, site: String, endpoint: String) -> Option<Self> {
        let performance = window.performance()?;
        let visible = is_visible(&window);
        let shelf = Shelf::of(&window);
        let previous = shelf.get(TAB).as_deref().and_then(parse_previous);
        let tab = TabId(random(&window)?);
        Some(Self {
            source: Some(page::source(&window)),
            dwell: Dwell::new(whole(performance.now()), visible),
            queue: Queue::new(shelf, tab),
            page: Page::default(),
            sending: super::send::Sending::default(),
            viewed: false,
            visit_id: None,
            window,
            endpoint,
            site,
            performance,
            tab,
            previous,
        })
    }

    /// Milliseconds since the epoch, by the visitor's clock.
    pub fn now_ms(&self) -> u64 {
        whole(js_sys::Date::now())
    }

    /// Milliseconds on a clock that never goes back.
    pub fn steady_ms(&self) -> u64 {
        whole(self.performance.now())
    }

    /// 64 random bits; 0 where the browser refuses them.
    pub fn random(&self) -> u64 {
        random(&self.window).unwrap_or(0)
    }

    /// Records the view of the page, once.
    pub fn view_page(&mut self) {
        if !self.viewed {
            self.viewed = true;
            self.page = Page::read(&self.window);
            self.measure_scroll();
            self.record(Action::PageView, Vec::new());
        }
    }

    /// Notes how far down the lower edge of the window is.
    pub fn measure_scroll(&mut self) {
        let document = self.window.document();
        let Some(root) = document.and_then(|document| document.document_element()) else {
            return;
        };
        let seen = root.scroll_top() + root.client_height();
        let percent = seen.saturating_mul(100) / root.scroll_height().max(1);
        self.dwell
            .scrolled(u8::try_from(percent.clamp(0, 100)).unwrap_or(0));
    }

    /// Records something that happened now. The page view always comes first.
    pub fn record(&mut self, action: Action<'_>, props: Vec<Prop<'_>>) {
        if !matches!(action, Action::PageView) {
            self.view_page();
        }
        let now_ms = self.now_ms();
        let remembered = self.queue.store.get(VISIT);
        let remembered = remembered.as_deref().and_then(Visit::from_text);
        let source = self.source.take();
        let new_id = self.random();
        let (visit, session_start) = Visit::continued(remembered, now_ms, source.as_ref(), new_id);
        // Where there is no room for it, the next page begins a new visit.
        self.queue.store.set(VISIT, &visit.to_text());
        let session = visit.session();
        if self.visit_id.replace(session.id.0) != Some(session.id.0) {
            self.queue.seal();
        }

        let Self {
            queue,
            page,
            site,
            previous,
            ..
        } = self;
        let tab_id = self.tab;
        let header = |lost, first| {
            batch::begin(&Header {
                site,
                tab_id,
                previous: previous.filter(|_| first),
                lost,
                consent: Consent::Unset,
                session,
                page: batch::Page {
                    host: &page.host,
                    path: &page.path,
                    title: &page.title,
                    category: &page.category,
                    product: &page.product,
                    language: &page.language,
                },
            })
        };
        let event = |seq| {
            batch::encode_event(&Event {
                seq,
                at_ms: now_ms,
                session_start,
                action,
                props,
            })
        };
        queue.append(now_ms, header, event);
        let tab = hex(tab_id.0) + "." + &hex(queue.recorded().into());
        // Where there is no room for it, one loss less is seen.
        queue.store.set(TAB, &tab);
    }

    /// Records the dwell so far, if it has come to a step or goes no further for now: left
    /// for later, it would seem to have been then.
    pub fn record_dwell(&mut self) {
        let now_ms = self.steady_ms();
        let pending = self.dwell.pending_ms(now_ms);
        if pending >= DWELL_STEP_MS || (self.dwell.is_over(now_ms) && pending > 0) {
            let (dwell_ms, scroll_percent) = self.dwell.take(now_ms);
            self.record(
                Action::Dwell {
                    dwell_ms,
                    scroll_percent,
                },
                Vec::new(),
            );
        }
    }

    /// The token that the edge gave a page of another site, or nothing.
    pub fn token(&self) -> String {
        self.queue.store.get(TOKEN).unwrap_or_default()
    }

    /// Keeps what the edge answered, if it can be a token. Without room for it the next
    /// page has a new visitor.
    pub fn keep_token(&mut self, text: &str) -> bool {
        let is_token = text.len() <= TOKEN_BYTES
            && text.contains('.')
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_token {
            self.queue.store.set(TOKEN, text);
        }
        is_token
    }

    /// A token that may be why the edge refused a batch is given up.
    pub fn drop_token(&mut self) {
        self.queue.store.remove(TOKEN);
    }
}

/// Whether the page is in view.
pub fn is_visible(window: &Window) -> bool {
    window
        .document()
        .is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

/// Reads what [`Pixel::record`] remembered of a page load.
fn parse_previous(text: &str) -> Option<Previous> {
    let (tab, events) = text.split_once('.')?;
    Some(Previous {
        tab_id: TabId(u64::from_str_radix(tab, 16).ok()?),
        events: u32::from_str_radix(events, 16).ok()?,
    })
}

fn random(window: &Window) -> Option<u64> {
    let mut bytes = [0; 8];
    window
        .crypto()
        .ok()?
        .get_random_values_with_u8_array(&mut bytes)
        .ok()?;
    Some(u64::from_le_bytes(bytes))
}

/// Browsers tell milliseconds as floats.
fn whole(ms: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times are positive and below 2^53"
    )]
    let whole = ms as u64;
    whole
}
