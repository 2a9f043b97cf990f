//! The pixel: what counts as a visit, a dwell, a click, a cart event, and the queue
//! of what is unsent.
//!
//! [`session`], [`dwell`], [`capture`] and [`queue`] are pure: they are handed times,
//! ids and plain values, and plain `cargo test` covers them. Only `browser` touches the
//! page, and it decides nothing. The pixel knows no identity (the edge mints it) and
//! no backend.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod capture;
pub mod dwell;
mod hex;
pub mod memory;
pub mod queue;
pub mod session;

#[cfg(target_arch = "wasm32")]
mod browser;
