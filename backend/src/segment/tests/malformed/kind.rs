//! The kinds of mistakes, each with its name.

use super::draft::{Draft, Mutant};

type Make = dyn Fn(&mut Draft<'_>) -> Option<Mutant>;

/// A kind of mistakes.
pub(super) struct Kind {
    pub name: String,
    /// Whether the schema refuses it too, or leaves it to the pipeline.
    pub is_in_schema: bool,
    /// Makes one, where the definition has a place for it.
    pub make: Box<Make>,
}

/// A kind that the schema refuses too.
pub(super) fn kind(
    name: impl Into<String>,
    make: impl Fn(&mut Draft<'_>) -> Option<Mutant> + 'static,
) -> Kind {
    Kind {
        name: name.into(),
        is_in_schema: true,
        make: Box::new(make),
    }
}

/// A kind that is beyond a schema.
pub(super) fn beyond_schema(
    name: impl Into<String>,
    make: impl Fn(&mut Draft<'_>) -> Option<Mutant> + 'static,
) -> Kind {
    Kind {
        is_in_schema: false,
        ..kind(name, make)
    }
}
