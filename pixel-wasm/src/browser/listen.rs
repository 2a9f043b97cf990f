//! What the page tells by itself: clicks, scrolling, input, being shown and hidden.

use super::{
    Shared,
    pixel::{Pixel, is_visible},
    send,
};
use crate::capture;
use alloc::{rc::Rc, vec::Vec};
use protocol::{
    event::{Action, Click},
    limit::{TEXT_BYTES, URL_BYTES},
};
use wasm_bindgen::prelude::*;
use web_sys::{AddEventListenerOptions, Element, Event, EventTarget, HtmlAnchorElement};

/// How often the pixel looks whether something is to be recorded or sent.
const TICK_MS: i32 = 5_000;
/// How soon a page view is sent.
const SOON_MS: i32 = 1_000;

/// What a click may be on: the nearest of these, outwards.
const CLICKABLE: &str = "a[href],button,input[type=submit],[role=button],[data-crumb-cta]";

/// Listens to everything there is to hear, for as long as the page lives.
pub fn to_page(shared: &Shared) -> Option<()> {
    let pixel = shared.try_borrow().ok()?;
    let window = &pixel.window;
    let document = window.document()?;
    on(&document, "click", shared, |pixel, event| {
        click(pixel, &event)
    });
    for input in ["pointerdown", "pointermove", "keydown"] {
        on(&document, input, shared, |pixel, _| {
            let now_ms = pixel.steady_ms();
            pixel.dwell.input(now_ms);
        });
    }
    on(&document, "scroll", shared, |pixel, _| scroll(pixel));
    on(&document, "visibilitychange", shared, |pixel, _| {
        visibility(pixel)
    });
    on(window, "pagehide", shared, |pixel, _| leave(pixel));

    let ticking = Rc::clone(shared);
    let tick = super::callback(move |_| tick(&ticking));
    window
        .set_interval_with_callback_and_timeout_and_arguments_0(&tick, TICK_MS)
        .ok()?;
    window
        .set_timeout_with_callback_and_timeout_and_arguments_0(&tick, SOON_MS)
        .ok()?;
    Some(())
}

/// Adds a listener that never delays the page.
fn on(
    target: &EventTarget,
    name: &str,
    shared: &Shared,
    mut act: impl FnMut(&mut Pixel, Event) + 'static,
) {
    let shared = Rc::clone(shared);
    let listener = super::callback(move |event| {
        if let Ok(mut pixel) = shared.try_borrow_mut() {
            act(&mut pixel, event.unchecked_into());
        }
    });
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    options.set_passive(true);
    // It only fails for a listener that is no function.
    let _ = target
        .add_event_listener_with_callback_and_add_event_listener_options(name, &listener, &options);
}

fn tick(shared: &Shared) {
    if let Ok(mut pixel) = shared.try_borrow_mut() {
        // A page in the background has not been viewed yet.
        if is_visible(&pixel.window) {
            pixel.view_page();
        }
        pixel.record_dwell();
        pixel.queue.seal();
        let now_ms = pixel.now_ms();
        pixel.queue.renew(now_ms);
    }
    send::next(shared);
}

fn visibility(pixel: &mut Pixel) {
    if is_visible(&pixel.window) {
        let now_ms = pixel.steady_ms();
        pixel.dwell.set_visible(now_ms, true);
        pixel.sending.came_back();
    } else {
        leave(pixel);
    }
}

/// The page may never be seen again: everything goes out now.
fn leave(pixel: &mut Pixel) {
    let now_ms = pixel.steady_ms();
    pixel.dwell.set_visible(now_ms, false);
    pixel.record_dwell();
    pixel.queue.seal();
    send::all_by_beacon(pixel);
}

fn scroll(pixel: &mut Pixel) {
    let now_ms = pixel.steady_ms();
    pixel.dwell.input(now_ms);
    pixel.measure_scroll();
}

fn click(pixel: &mut Pixel, event: &Event) {
    // Scripts click as well; that is nobody's doing.
    if !event.is_trusted() {
        return;
    }
    let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let Some(found) = target.and_then(|t| t.closest(CLICKABLE).ok().flatten()) else {
        return;
    };
    let link = found.dyn_ref::<HtmlAnchorElement>();
    // What stands behind mailto: or tel: is somebody's, and no path.
    let link = link.filter(|link| link.protocol().starts_with("http"));
    let host = link.map(|link| capture::text(&link.host(), TEXT_BYTES));
    let path = link.map(HtmlAnchorElement::pathname).unwrap_or_default();
    let text = found.text_content().unwrap_or_default();
    let cta = found.get_attribute("data-crumb-cta").unwrap_or_default();
    let kind = capture::click_kind(&pixel.page.host, host.as_deref());
    pixel.record(
        Action::Click(Click {
            kind,
            text: &capture::text(&text, TEXT_BYTES),
            host: &host.unwrap_or_default(),
            path: &capture::text(&path, URL_BYTES),
            cta: &capture::text(&cta, TEXT_BYTES),
        }),
        Vec::new(),
    );
}
