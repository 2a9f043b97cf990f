//! Answers that can only fall while time goes on: what asks for enough of something, or for
//! something at all, loses facts as its window's begin moves past them, and gains none. Whoever is
//! not in a segment comes in by none of these, so that only who is in has to be asked.

use crate::segment::{
    ast::Compare,
    fields::Kind,
    resolve::{Asked, Leaf, Measure, Measured, When},
    words::Function,
};

/// Whether facts that a window's begin leaves behind can only make an answer false that was true.
pub fn falls(leaf: &Leaf, asked: &Asked) -> bool {
    match (leaf, asked) {
        (Leaf::Measured(measured), Asked::Number(Compare::Gte(_) | Compare::Gt(_))) => {
            !measured.latest && is_by_the_clock(&measured.when) && falls_with(measured)
        }
        (Leaf::Last(last), Asked::Yes) => is_by_the_clock(&last.when),
        (Leaf::Cart(cart), Asked::Yes) => is_by_the_clock(&cart.when),
        (Leaf::Sequence(sequence), Asked::Yes) => {
            is_by_the_clock(&sequence.when) && sequence.steps.iter().all(|step| !step.absent)
        }
        _ => false,
    }
}

/// Whether a window begins for everybody at once.
const fn is_by_the_clock(when: &When) -> bool {
    when.since.is_none()
}

/// Whether fewer facts come to less, or to the same. Money may be less than nothing, and of a mean
/// nobody knows.
fn falls_with(measured: &Measured) -> bool {
    match &measured.measure {
        Measure::Count | Measure::Visits | Measure::SessionStarts | Measure::Days => true,
        Measure::Of(Function::Distinct | Function::Max, _) => true,
        Measure::Of(Function::Sum, field) => field.kind() == Kind::Number,
        Measure::Of(Function::Avg | Function::Min, _) => false,
    }
}
