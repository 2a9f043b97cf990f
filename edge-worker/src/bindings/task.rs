//! Runs what waits for the platform: a future of ours that waits for promises, one at a time.
//!
//! `entry.mjs` makes the steps, so that each is part of the request it belongs to: what waits
//! is its promise, in a continuation of its own. A queue of woken futures, as executors keep
//! one, would run one request's steps in another's, whose requests to the backend the
//! platform refuses; and it costs a tenth of a request.

use js_sys::Promise;
use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

thread_local! {
    /// What passes between the future of the step under way and who makes the step.
    static PASSED: Cell<Passed> = const { Cell::new(Passed::Nothing) };
}

#[derive(Default)]
enum Passed {
    #[default]
    Nothing,
    /// The future waits for this.
    Awaited(Promise),
    /// What came of it.
    Settled(Result<JsValue, JsValue>),
}

/// A future under way.
#[wasm_bindgen]
pub struct Task {
    future: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>,
}

impl Task {
    pub(super) fn new(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Self {
        Self {
            future: Box::pin(future),
        }
    }
}

#[wasm_bindgen]
impl Task {
    /// Goes on with what the promise that it waited for came to (nothing, the first time): a
    /// `value`, or the error where it `failed`. Gives the next promise to wait for, or what
    /// the future came to, which is none.
    pub fn step(&mut self, value: JsValue, failed: bool) -> Result<JsValue, JsValue> {
        let settled = if failed { Err(value) } else { Ok(value) };
        PASSED.set(Passed::Settled(settled));
        let mut context = Context::from_waker(Waker::noop());
        match (self.future.as_mut().poll(&mut context), PASSED.take()) {
            (Poll::Ready(came_to), _) => came_to,
            (Poll::Pending, Passed::Awaited(promise)) => Ok(promise.into()),
            (Poll::Pending, _) => Err("a future waits for no promise".into()),
        }
    }
}

/// Waits for what a promise comes to.
pub(super) async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    let mut promise = Some(promise);
    poll_fn(move |_| match (promise.take(), PASSED.take()) {
        (Some(promise), _) => {
            PASSED.set(Passed::Awaited(promise));
            Poll::Pending
        }
        (None, Passed::Settled(settled)) => Poll::Ready(settled),
        (None, _) => Poll::Ready(Err("a step without what it waited for".into())),
    })
    .await
}
