//! The way of an event from the edge to the table `events`.
//!
//! ```text
//! accept   check the signature, decode, give every event an outcome
//! spool    append to the disk; only then answer 202
//! drain    freeze a chunk; [`chunk`] reads what rows it is, while the one before is stored, and
//!          drops copies; [`insert`] puts in first what derives from all of it, what was rejected,
//!          then the events; delete the chunk
//! ```
//!
//! A crash at any point replays the frozen chunk. The look-up of ids and the insert
//! tokens make its effect exactly once.

pub mod accept;
mod channel;
mod chunk;
mod columns;
pub mod drain;
pub mod given;
mod identity;
mod insert;
pub mod live;
mod native;
pub(crate) mod row;
pub mod sdk;
pub mod spool;
mod tab;
mod whose;
