//! What the parts of Crumbtrail say to each other.
//!
//! The pixel writes a [`batch`] of [`event`]s and wraps it, at every attempt to
//! send it, in an [`attempt`]. The edge checks it, stamps it and forwards it to
//! the backend as an [`envelope`], [signed](signature). Every event then gets an
//! [`outcome`]. What else the edge has to tell goes the same way, as a [`notice`]. The links
//! in messages carry [`token`]s, which the backend makes and the edge reads.
//!
//! This crate knows no HTTP, no clock, no randomness, no browser and no database:
//! time and chance are handed in. All of it is bounded by [`limit`].

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod attempt;
pub mod batch;
pub mod cover;
pub mod envelope;
pub mod event;
pub mod form;
mod frame;
pub mod id;
pub mod limit;
pub mod link;
pub mod mask;
pub mod notice;
pub mod outcome;
pub mod signature;
pub mod token;
pub mod write;

pub use frame::DecodeError;

#[cfg(test)]
mod fixture;
