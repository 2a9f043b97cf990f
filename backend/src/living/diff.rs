//! What was kept against what is: who came, who left, and why.

use std::collections::BTreeSet;

/// Why somebody came into a segment, or left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Something came of them: an event, an order, a message, a field, a group.
    Event,
    /// Time passed: a window let something in, or let it go.
    Window,
    /// The segment was made or changed, or what the site's questions are reckoned by.
    Definition,
    /// They are part of somebody else now; or somebody who was in became part of them.
    Merged,
    /// They were erased.
    Erased,
    /// The segment was archived.
    Archived,
    /// It happened while nobody looked: before a start, or in a gap.
    CatchUp,
}

impl Cause {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Window => "window",
            Self::Definition => "definition",
            Self::Merged => "merged",
            Self::Erased => "erased",
            Self::Archived => "archived",
            Self::CatchUp => "catch_up",
        }
    }
}

/// Somebody in a segment, by its id.
pub type In = (String, u64);

/// Somebody who came or left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who, and where.
    pub who: In,
    /// Whether they came.
    pub is_in: bool,
    /// Why.
    pub cause: Cause,
}

/// Who left and then who came, each in the order of segments and people. `person` says whom an id
/// is part of now; `why` says why somebody came, or left, who is and was nobody else.
pub fn diff(
    kept: &BTreeSet<In>,
    now: &BTreeSet<In>,
    person: impl Fn(u64) -> u64,
    why: impl Fn(u64, bool) -> Cause,
) -> Vec<Move> {
    let mut absorbing = BTreeSet::new();
    let mut moves = Vec::new();
    for (segment, id) in kept.difference(now) {
        let whole = person(*id);
        let is_merged = whole != *id;
        if is_merged {
            absorbing.insert((segment, whole));
        }
        moves.push(Move {
            who: (segment.clone(), *id),
            is_in: false,
            cause: if is_merged {
                Cause::Merged
            } else {
                why(*id, false)
            },
        });
    }
    for (segment, id) in now.difference(kept) {
        let is_merged = absorbing.contains(&(segment, *id));
        moves.push(Move {
            who: (segment.clone(), *id),
            is_in: true,
            cause: if is_merged {
                Cause::Merged
            } else {
                why(*id, true)
            },
        });
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kept: &[u64], now: &[u64], merged: &[(u64, u64)]) -> Vec<(u64, bool, Cause)> {
        let set = |ids: &[u64]| ids.iter().map(|id| ("s".to_owned(), *id)).collect();
        let person = |id: u64| {
            let found = merged.iter().find(|(part, _)| *part == id);
            found.map_or(id, |(_, whole)| *whole)
        };
        let why = |_, is_in| if is_in { Cause::Event } else { Cause::Window };
        let moves = diff(&set(kept), &set(now), person, why).into_iter();
        moves.map(|one| (one.who.1, one.is_in, one.cause)).collect()
    }

    #[test]
    fn who_stays_is_not_told() {
        assert_eq!(told(&[1, 2], &[1, 2], &[]), []);
        assert_eq!(
            told(&[1, 2], &[2, 3], &[]),
            [(1, false, Cause::Window), (3, true, Cause::Event)]
        );
    }

    #[test]
    fn who_was_absorbed_leaves_and_nobody_comes_twice() {
        // The contact was in.
        assert_eq!(told(&[1, 9], &[9], &[(1, 9)]), [(1, false, Cause::Merged)]);
        // It was not.
        assert_eq!(
            told(&[1], &[9], &[(1, 9)]),
            [(1, false, Cause::Merged), (9, true, Cause::Merged)]
        );
        // It comes by what it has now, though the visitor was not in.
        assert_eq!(told(&[], &[9], &[(1, 9)]), [(9, true, Cause::Event)]);
    }
}
