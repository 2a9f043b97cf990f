//! The compiler as a whole: against the engine, and against an evaluator that
//! was written from the language's definition alone.

mod engine;
mod event;
mod folding;
mod generate;
mod questions;
mod random;
mod refusals;
mod statements;
mod truth;
