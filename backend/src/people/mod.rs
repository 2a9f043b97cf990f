//! People: what the shop knows of its customers, joined with the trails of their browsers.
//!
//! | module | owns |
//! |---|---|
//! | [`identifier`] | what contacts are known by, each in one form |
//! | [`field`] | fields of contacts, and which values fit |
//! | [`given`] | what servers say of people, as they write it |
//! | [`import`] | what files say of people, as spreadsheets write it |
//! | [`fact`] | what servers say of people, as it waits in the spool |
//! | [`book`] | which visitors and identifiers are one person |
//! | [`profile`] | what all rows about a contact come to |
//! | [`proven`] | what all proofs about visitors come to |
//! | [`rows`] | what is stored of people, and what it means |
//! | [`person`] | what all that is stored of somebody comes to |
//! | [`tombs`] | who was erased, and what stays out because of it |
//! | [`apply`] | how a chunk of the spool gets into the tables |
//!
//! But for the last they know no clock, no database and no HTTP.

pub mod apply;
pub mod book;
pub mod fact;
pub mod field;
pub mod given;
pub mod identifier;
pub mod import;
mod order;
pub mod person;
pub mod profile;
pub mod proven;
pub mod rows;
pub mod tombs;
