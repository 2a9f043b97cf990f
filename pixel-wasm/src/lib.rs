//! The pixel: what counts as a page view, a visit, a dwell, a click, a cart event; what may
//! be recorded at all; and the queue of what is unsent.
//!
//! All of it is pure: [`Pixel`] is told what a page says as plain values (texts as lines,
//! times and chance as numbers) and plain `cargo test` covers it. `browser` hands it to the
//! page's script, and alone touches the browser. The pixel knows no identity (the edge
//! mints it), no backend and no DOM (the script reads it). It allocates nothing.

#![cfg_attr(target_arch = "wasm32", no_std)]

mod bytes;
mod click;
mod commerce;
mod dwell;
mod lines;
mod page;
mod pixel;
mod queue;
mod sending;
mod visit;

pub use bytes::Bytes;
pub use pixel::{Pixel, Tell};
pub use queue::Store;

#[cfg(target_arch = "wasm32")]
mod browser;
