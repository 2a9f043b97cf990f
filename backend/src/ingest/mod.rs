//! The way of an event from the edge to the table `events`.
//!
//! ```text
//! accept   check the signature, decode, give every event an outcome
//! spool    append to the disk; only then answer 202
//! drain    freeze a chunk, drop copies, set aside what was rejected, insert proofs,
//!          messages and events that the tables lack, delete the chunk
//! ```
//!
//! A crash at any point replays the frozen chunk. The look-up of ids and the insert
//! tokens make its effect exactly once.

pub mod accept;
mod channel;
pub mod drain;
mod identity;
mod row;
pub mod spool;
