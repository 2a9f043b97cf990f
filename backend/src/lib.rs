//! The backend of Crumbtrail: everything stored, and every answer.
//!
//! Start reading at [`http`] for what it answers, at [`ingest`] for what becomes of an
//! event, at [`segment`] for what becomes of a question. [`store`] is ClickHouse, which
//! [`embedded`] runs as a child where no server is given; [`control`] is the rest.

pub mod backup;
pub mod config;
pub mod control;
mod disk;
pub mod doctor;
pub mod embedded;
mod erasing;
pub mod http;
pub mod ingest;
pub mod living;
pub mod metrics;
pub mod people;
mod retention;
pub mod segment;
pub mod serve;
pub mod store;
pub mod verify;
