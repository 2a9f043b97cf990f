//! The edge of Crumbtrail: a Cloudflare worker that takes batches from pixels,
//! decides whose browser sent them, stamps them and forwards them, signed, to
//! the backend of their site.
//!
//! [`accept`] lists the steps; start reading there. Everything but the bindings
//! is pure: time, place, the request's body and the backend's answer are handed
//! in through [`accept::Platform`], so that plain `cargo test` covers all of it.
//!
//! The edge keeps nothing. It answers a batch 2xx only when the backend has the
//! envelope on its disk; what goes wrong on the way is a 503, and the pixel
//! sends the batch again. The one exception is the image for browsers without
//! JavaScript ([`view`]): nobody would send it again, so its loss is only told.

pub mod accept;
pub mod config;
pub mod enrich;
pub mod fault;
pub mod forward;
pub mod identity;
pub mod view;

#[cfg(target_arch = "wasm32")]
mod bindings;
