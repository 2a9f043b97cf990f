//! The compiler as a whole: against the engine, and against an evaluator that
//! was written from the language's definition alone.

mod engine;
mod event;
mod explaining;
mod facts;
mod folding;
mod generate;
mod living;
mod malformed;
mod meaning;
mod questions;
mod random;
mod reasons;
mod refusals;
mod rows;
mod shares;
mod statements;
mod truth;
