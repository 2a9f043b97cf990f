//! Sending: one request at a time, each batch until it was answered.

use super::{Shared, pixel::Pixel};
use crate::queue::Sealed;
use alloc::{rc::Rc, string::String, vec::Vec};
use js_sys::Uint8Array;
use protocol::attempt::{Attempt, Head};
use wasm_bindgen::prelude::*;
use web_sys::{RequestInit, Response};

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE_MS: u64 = 5_000;
/// Doublings at most: 5 s to about 5 minutes.
const MOST_DOUBLINGS: u32 = 6;

/// What is under way.
#[derive(Default)]
pub struct Sending {
    /// The key of the batch that was fetched and not answered.
    in_flight: Vec<String>,
    answers: Option<Answers>,
    failures: u32,
    /// Nothing is sent before.
    not_before_ms: u64,
}

/// What happens when an answer comes; made once, since one request is under way at a time.
struct Answers {
    answered: Closure<dyn FnMut(JsValue)>,
    failed: Closure<dyn FnMut(JsValue)>,
    token: Closure<dyn FnMut(JsValue)>,
}

/// Makes the pixel ready to send.
pub fn prepare(shared: &Shared) {
    let [answered, failed, token] = [shared, shared, shared].map(Rc::clone);
    let answers = Answers {
        answered: Closure::new(move |response: JsValue| {
            let response = response.dyn_into::<Response>();
            settle(&answered, response.ok().as_ref());
        }),
        failed: Closure::new(move |_| settle(&failed, None)),
        token: Closure::new(move |text: JsValue| {
            if let (Some(text), Ok(mut pixel)) = (text.as_string(), token.try_borrow_mut()) {
                pixel.keep_token(&text);
            }
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
    if !pixel.sending.in_flight.is_empty() || now_ms < pixel.sending.not_before_ms {
        return;
    }
    let Some(batch) = pixel.queue.take(now_ms, &[]) else {
        return;
    };
    match (fetch(&pixel, &batch), &pixel.sending.answers) {
        (Ok(promise), Some(answers)) => {
            // The promise that this gives always succeeds.
            let _ = promise.then2(&answers.answered, &answers.failed);
            pixel.sending.in_flight.push(batch.key);
        }
        // A page whose fetch throws has replaced it; the batch stays for the next one.
        _ => pause(&mut pixel, now_ms),
    }
}

/// Sends all that this tab has, without waiting for answers: the page goes away. What
/// was sent so stays queued, since nobody read that it arrived.
pub fn all_by_beacon(pixel: &mut Pixel) {
    let now_ms = pixel.now_ms();
    let navigator = pixel.window.navigator();
    let mut tried = pixel.sending.in_flight.clone();
    while let Some(batch) = pixel.queue.take(now_ms, &tried) {
        let mut bytes = attempt(pixel, &batch);
        let sent = navigator.send_beacon_with_opt_u8_array(&pixel.endpoint, Some(&mut bytes));
        if sent != Ok(true) {
            // The browser's room for beacons is used up.
            break;
        }
        tried.push(batch.key);
    }
}

fn fetch(pixel: &Pixel, batch: &Sealed) -> Result<js_sys::Promise, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&Uint8Array::from(attempt(pixel, batch).as_slice()));
    init.set_credentials(web_sys::RequestCredentials::Include);
    js_sys::Reflect::set(&init, &"keepalive".into(), &true.into())?;
    Ok(pixel.window.fetch_with_str_and_init(&pixel.endpoint, &init))
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

/// An answer was read, or none came.
fn settle(shared: &Shared, response: Option<&Response>) {
    let Ok(mut pixel) = shared.try_borrow_mut() else {
        return;
    };
    let key = pixel.sending.in_flight.pop().unwrap_or_default();
    let status = response.map_or(0, Response::status);
    // 400 and 413 say that it will never be taken.
    if !matches!(status, 200..=299 | 400 | 413) {
        let now_ms = pixel.now_ms();
        return pause(&mut pixel, now_ms);
    }
    // A page of another site gets its visitor token in the answer's text.
    if status == 200
        && let Some(Ok(text)) = response.map(Response::text)
        && let Some(answers) = &pixel.sending.answers
    {
        let _ = text.then(&answers.token);
    }
    pixel.queue.settle(&key);
    pixel.sending.failures = 0;
    drop(pixel);
    next(shared);
}

/// A random share of the pause is left off, so that a crowd doesn't come back at once.
fn pause(pixel: &mut Pixel, now_ms: u64) {
    let failures = pixel.sending.failures.min(MOST_DOUBLINGS);
    let pause_ms = FIRST_PAUSE_MS << failures;
    let jitter_ms = pixel.random() % (pause_ms / 2);
    pixel.sending.failures = failures + 1;
    pixel.sending.not_before_ms = now_ms + pause_ms - jitter_ms;
}
