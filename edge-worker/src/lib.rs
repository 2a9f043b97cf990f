//! The edge of Crumbtrail: a Cloudflare worker that takes batches from pixels,
//! decides whose browser sent them, stamps them and forwards them, signed, to
//! the backend of their site.
//!
//! [`accept`] lists the steps; start reading there. Everything but the bindings
//! is pure: time, place, the request's body and the backend's answer are handed
//! in through [`accept::Platform`], so that plain `cargo test` covers all of it.
//!
//! The edge keeps nothing. It answers a batch 2xx only when the envelope is safe: on
//! the backend's disk or, where one is bound, in the queue ([`queue`]). What goes wrong on
//! the way is a 503, and the pixel sends the batch again. The exceptions are what nobody
//! would send again: the image for browsers without JavaScript ([`view`]), and what becomes
//! of a message. Their loss is told to the operator.

pub mod accept;
pub mod config;
pub mod enrich;
pub mod fault;
pub mod form;
pub mod forward;
pub mod identity;
pub mod login;
pub mod queue;
pub mod view;

#[cfg(target_arch = "wasm32")]
mod bindings;
