//! The chain as a whole. [`shoppers`] makes a shop's visitors out of a seed; [`edge`]
//! sends what they do, as their pixels would.

pub mod edge;
pub mod shoppers;
