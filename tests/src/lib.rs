//! The chain as a whole. [`shoppers`] makes a shop's visitors out of a seed, [`page`] busy
//! pages of one, and [`stamp`] what an edge says of them; [`edge`] sends what they do, as their pixels would. [`backend`] and
//! [`clickhouse`] are the running programs that it comes to.

pub mod backend;
pub mod clickhouse;
pub mod clock;
pub mod edge;
pub mod page;
pub mod process;
pub mod shoppers;
pub mod stamp;
