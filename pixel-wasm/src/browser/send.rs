//! Sending: one request at a time, each batch until it was answered.

use super::{Shared, pixel::Pixel};
use crate::queue::Sealed;
use alloc::{rc::Rc, string::String, vec::Vec};
use js_sys::{Promise, Uint8Array};
use protocol::attempt::{Attempt, Head};
use wasm_bindgen::prelude::*;
use web_sys::{RequestCredentials, RequestInit, Response};

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE_MS: u64 = 5_000;
/// Doublings at most: 5 s to about 5 minutes.
const MOST_DOUBLINGS: u32 = 6;

#[wasm_bindgen]
extern "C" {
    /// A page may have put its own in place of the browser's: it may throw, or give
    /// something else than a promise.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;
}

/// What is under way.
#[derive(Default)]
pub struct Sending {
    /// The batch that was fetched and not answered.
    in_flight: Option<Sealed>,
    /// Batches that went by beacon since the page was last in view.
    beaconed: Vec<String>,
    answers: Option<Answers>,
    failures: u32,
    /// Nothing is sent before.
    not_before_ms: u64,
}

impl Sending {
    /// The page is in view again: what went by beacon is sent once more, to be answered.
    pub fn came_back(&mut self) {
        self.beaconed.clear();
    }
}

/// What happens when an answer comes; made once, since one request is under way at a time.
struct Answers {
    answered: Closure<dyn FnMut(JsValue)>,
    failed: Closure<dyn FnMut(JsValue)>,
    read: Closure<dyn FnMut(JsValue)>,
}

/// Makes the pixel ready to send.
pub fn prepare(shared: &Shared) {
    let [answered, failed, read] = [shared, shared, shared].map(Rc::clone);
    let answers = Answers {
        answered: Closure::new(move |response: JsValue| match response.dyn_into() {
            Ok(response) => judge(&answered, &response),
            Err(_) => settle(&answered, false),
        }),
        failed: Closure::new(move |_| settle(&failed, false)),
        read: Closure::new(move |text: JsValue| {
            // Anything but a token is not the edge's answer: the batch is not there.
            let kept = match (text.as_string(), read.try_borrow_mut()) {
                (Some(text), Ok(mut pixel)) => pixel.keep_token(&text),
                _ => false,
            };
            settle(&read, kept);
        }),
    };
    if let Ok(mut pixel) = shared.try_borrow_mut() {
        pixel.sending.answers = Some(answers);
    }
}

/// Sends the next sealed batch, if there is one and nothing speaks against it.
pub fn next(shared: &Shared) {
    let Ok(mut pixel) = shared.try_borrow_mut() else {
        return;
    };
    let now_ms = pixel.now_ms();
    if pixel.sending.in_flight.is_some() || now_ms < pixel.sending.not_before_ms {
        return;
    }
    let Some(batch) = pixel.queue.take(now_ms, &[]) else {
        return;
    };
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&Uint8Array::from(attempt(&pixel, &batch).as_slice()));
    init.set_credentials(RequestCredentials::Include);
    // It only fails for an object that is frozen.
    let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &true.into());
    let endpoint = pixel.endpoint.clone();
    pixel.sending.in_flight = Some(batch);
    // The page's own code may run in here, and call us.
    drop(pixel);
    let promise = fetch(&endpoint, &init).map(|given| Promise::resolve(&given));
    let Ok(promise) = promise else {
        return settle(shared, false);
    };
    if let Ok(pixel) = shared.try_borrow()
        && let Some(answers) = &pixel.sending.answers
    {
        // The promise that this gives always succeeds.
        let _ = promise.then2(&answers.answered, &answers.failed);
    }
}

/// Sends all that this tab has, without waiting for answers: the page goes away. What
/// was sent so stays queued, since nobody read that it arrived.
pub fn all_by_beacon(pixel: &mut Pixel) {
    let now_ms = pixel.now_ms();
    let navigator = pixel.window.navigator();
    let mut tried = pixel.sending.beaconed.clone();
    tried.extend(
        pixel
            .sending
            .in_flight
            .iter()
            .map(|batch| batch.key.clone()),
    );
    while let Some(batch) = pixel.queue.take(now_ms, &tried) {
        let mut bytes = attempt(pixel, &batch);
        let sent = navigator.send_beacon_with_opt_u8_array(&pixel.endpoint, Some(&mut bytes));
        if sent != Ok(true) {
            // The browser's room for beacons is used up.
            break;
        }
        tried.push(batch.key.clone());
        pixel.sending.beaconed.push(batch.key);
    }
}

fn attempt(pixel: &Pixel, batch: &Sealed) -> Vec<u8> {
    let head = Head {
        sent_at_ms: pixel.now_ms(),
        token: &pixel.token(),
    };
    Attempt {
        head,
        batch: &batch.bytes,
    }
    .encode()
}

/// What an answer means for the batch in flight.
fn judge(shared: &Shared, response: &Response) {
    let status = response.status();
    if status == 200 {
        // A page of another site: the text is its visitor's token.
        if let (Ok(text), Ok(pixel)) = (response.text(), shared.try_borrow())
            && let Some(answers) = &pixel.sending.answers
        {
            let _ = text.then2(&answers.read, &answers.failed);
            return;
        }
    }
    // 400 and 413 say that it will never be taken.
    let refused = matches!(status, 400 | 413);
    if refused && let Ok(mut pixel) = shared.try_borrow_mut() {
        pixel.drop_token();
    }
    settle(shared, refused || (201..=299).contains(&status));
}

/// The batch in flight is done with, or stays for another try.
fn settle(shared: &Shared, done: bool) {
    let Ok(mut pixel) = shared.try_borrow_mut() else {
        return;
    };
    let batch = pixel.sending.in_flight.take();
    if !done {
        return pause(&mut pixel);
    }
    if let Some(batch) = batch {
        pixel.queue.settle(&batch);
    }
    pixel.sending.failures = 0;
    drop(pixel);
    next(shared);
}

/// A random share of the pause is left off, so that a crowd doesn't come back at once.
fn pause(pixel: &mut Pixel) {
    let failures = pixel.sending.failures.min(MOST_DOUBLINGS);
    let pause_ms = FIRST_PAUSE_MS << failures;
    let jitter_ms = pixel.random() % (pause_ms / 2);
    pixel.sending.failures = failures + 1;
    pixel.sending.not_before_ms = pixel.now_ms() + pause_ms - jitter_ms;
}
