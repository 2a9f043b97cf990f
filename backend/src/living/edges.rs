//! Whom time alone may have changed: between two moments the bounds of windows move, and whose
//! facts they move over may come or leave. Nobody else does, but those of whom something came.
//!
//! That all windows end at the moment asked about is not looked at here: a fact that lies ahead
//! is [noted](super::noted) when it comes, and its time is waited for.

use super::falling::falls;
use crate::{
    segment::{
        SiteSettings,
        ast::{Compare, Duration, Events, Of},
        fields::Source,
        number::Number,
        plan::CART_EVENTS,
        resolve::{ContactTest, Facts, Leaf, Reading, Resolved, Sequence, Test, Tree, When},
        time::Wall,
        words::{EventType, Unit},
    },
    store::{Facts as Table, Stretch},
};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{DateTime, Time},
};
use std::collections::{BTreeMap, BTreeSet};

/// What the bounds of windows moved over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// Whose facts lie here may come or leave.
    pub stretches: BTreeMap<Table, Vec<Stretch>>,
    /// Whose facts lie here may leave the definitions of these places, and do nothing else.
    pub leaving: BTreeMap<Table, BTreeMap<Stretch, BTreeSet<usize>>>,
    /// Places of definitions that ask about days, and it is another day: anybody may.
    pub whole: BTreeSet<usize>,
}

/// What moves between two moments for definitions, resolved as of each: the same definitions of
/// the same site, in milliseconds since the epoch.
#[must_use]
pub fn edges(
    before: &Resolved,
    after: &Resolved,
    as_of_ms: (i64, i64),
    settings: &SiteSettings,
) -> Edges {
    let mut walk = Walk {
        before,
        after,
        as_of_ms,
        settings,
        edges: Edges::default(),
        place: 0,
        is_negated: false,
    };
    for (place, trees) in before.trees.iter().zip(&after.trees).enumerate() {
        walk.place = place;
        walk.tree(trees.0, trees.1);
    }
    for stretches in walk.edges.stretches.values_mut() {
        stretches.sort();
        stretches.dedup();
    }
    walk.edges
}

/// Types of events; nothing: any.
type Types = Option<BTreeSet<EventType>>;

struct Walk<'a> {
    before: &'a Resolved,
    after: &'a Resolved,
    as_of_ms: (i64, i64),
    settings: &'a SiteSettings,
    edges: Edges,
    /// Of the definition.
    place: usize,
    /// Whether where the walk is what is true makes the definition false.
    is_negated: bool,
}

impl Walk<'_> {
    /// The same tree as of both moments: which leaves are equal, and so one, may differ.
    fn tree(&mut self, before: &Tree, after: &Tree) {
        match (before, after) {
            (Tree::All(one), Tree::All(two)) | (Tree::Any(one), Tree::Any(two)) => {
                for (one, two) in one.iter().zip(two) {
                    self.tree(one, two);
                }
            }
            (Tree::Not(one), Tree::Not(two)) => {
                self.is_negated = !self.is_negated;
                self.tree(one, two);
                self.is_negated = !self.is_negated;
            }
            (Tree::Nested(one), Tree::Nested(two)) => self.tree(one, two),
            (Tree::Leaf { leaf: one, .. }, Tree::Leaf { leaf: two, asked }) => {
                let leaves = (self.before.leaves.get(*one), self.after.leaves.get(*two));
                if let (Some(one), Some(two)) = leaves {
                    self.leaf(one, two, !self.is_negated && falls(two, asked));
                }
            }
            _ => {
                self.edges.whole.insert(self.place);
            }
        }
    }

    /// Whether the leaf only `falls` where its window's begin moves on, and the definition with it.
    fn leaf(&mut self, before: &Leaf, after: &Leaf, falls: bool) {
        match (before, after) {
            (Leaf::Measured(one), Leaf::Measured(two)) => {
                let (table, mut types) = read(&two.facts);
                if two.is_of_starts() {
                    types = None;
                }
                self.window(&one.when, &two.when, (table, &types), falls);
            }
            (Leaf::Last(one), Leaf::Last(two)) => {
                let (table, types) = two.facts.as_ref().map_or((Table::Events, None), read);
                self.window(&one.when, &two.when, (table, &types), falls);
            }
            (Leaf::Cart(one), Leaf::Cart(two)) => {
                let types = Some(CART_EVENTS.into());
                self.window(&one.when, &two.when, (Table::Events, &types), falls);
                self.over(one.idle_from_ms, two.idle_from_ms, Table::Events, &types);
            }
            (Leaf::Sequence(one), Leaf::Sequence(two)) => {
                for step in &two.steps {
                    let (table, types) = read(&step.facts);
                    self.window(&one.when, &two.when, (table, &types), falls);
                }
                self.waited_for(two);
            }
            (Leaf::Contact(one), Leaf::Contact(two)) => self.contact(one, two),
            (Leaf::Group(_), Leaf::Group(_)) => {}
            _ => {
                self.edges.whole.insert(self.place);
            }
        }
    }

    fn window(&mut self, before: &When, after: &When, of: (Table, &Types), falls: bool) {
        let (from, to, (table, types)) = (before.span, after.span, of);
        let ends_now = (from.to_ms, to.to_ms) == self.as_of_ms;
        match (from.from_ms, to.from_ms) {
            // Where the clocks go back, so does the begin. Orders and contacts are few.
            (Some(one), Some(two))
                if falls
                    && ends_now
                    && one < two
                    && matches!(table, Table::Events | Table::Messages) =>
            {
                let of_table = self.edges.leaving.entry(table).or_default();
                let places = of_table.entry(stretch(one, two, types)).or_default();
                places.insert(self.place);
            }
            (Some(one), Some(two)) => self.over(one, two, table, types),
            _ => {}
        }
        if !ends_now {
            self.over(from.to_ms, to.to_ms, table, types);
        }
    }

    /// A bound moves.
    fn over(&mut self, one: i64, two: i64, table: Table, types: &Types) {
        if one == two {
            return;
        }
        let stretch = stretch(one.min(two), one.max(two), types);
        self.edges.stretches.entry(table).or_default().push(stretch);
    }

    /// The time passes in which nothing must follow the last step that is present.
    fn waited_for(&mut self, sequence: &Sequence) {
        let steps = &sequence.steps;
        let Some(present) = steps.iter().rposition(|step| !step.absent) else {
            return;
        };
        let (present, absent) = steps.split_at(present + 1);
        let Some(present) = present.last() else {
            return;
        };
        let (table, types) = read(&present.facts);
        for within in absent.iter().filter_map(|step| step.within) {
            let (one, two) = self.as_of_ms;
            match (self.begun(within, one), self.begun(within, two)) {
                (Some((first, _)), Some((_, last))) => {
                    let pad = self.pad(within, [first, last, one, two]);
                    self.over(first - pad, last + pad, table, &types);
                }
                _ => {
                    self.edges.whole.insert(self.place);
                }
            }
        }
    }

    /// Between which moments a duration began that ends at another one: the first that may, and the
    /// first that can't any more. By the calendar several days may have one end, as the last days
    /// of January have a month later. Nothing beyond the calendar.
    fn begun(&self, within: Duration, at_ms: i64) -> Option<(i64, i64)> {
        let n = within.n;
        let shift = match within.unit {
            Unit::Minute => {
                let ms = at_ms - i64::from(n) * 60_000 + 1;
                return Some((ms, ms));
            }
            Unit::Hour => {
                let ms = at_ms - i64::from(n) * 3_600_000 + 1;
                return Some((ms, ms));
            }
            Unit::Day => n.days(),
            Unit::Week => n.weeks(),
            Unit::Month => n.months(),
            Unit::Year => n.years(),
        };
        let zone = self.settings.time_zone();
        let at = Timestamp::from_millisecond(at_ms).ok()?;
        let wall = at.to_zoned(zone.clone()).datetime();
        let moment = |wall: DateTime| {
            let zoned = wall.to_zoned(zone.clone()).ok()?;
            Some(zoned.timestamp().as_millisecond())
        };
        let mut date = wall.date().checked_sub(shift).ok()?.yesterday().ok()?;
        while date.checked_add(shift).ok()? < wall.date() {
            date = date.tomorrow().ok()?;
        }
        if date.checked_add(shift).ok()? > wall.date() {
            let ms = moment(date.to_datetime(Time::midnight()))?;
            return Some((ms, ms));
        }
        let first = moment(date.to_datetime(wall.time()))?;
        while date.tomorrow().ok()?.checked_add(shift).ok()? == wall.date() {
            date = date.tomorrow().ok()?;
        }
        Some((first + 1, moment(date.to_datetime(wall.time()))? + 1))
    }

    /// How far about a change of the clocks later moments may end earlier.
    fn pad(&self, within: Duration, moments: [i64; 4]) -> i64 {
        const PAD_MS: i64 = 2 * 3_600_000;
        if matches!(within.unit, Unit::Minute | Unit::Hour) {
            return 0;
        }
        let offset = |ms: i64| {
            let moment = Timestamp::from_millisecond(ms).ok();
            moment.map(|moment| self.settings.time_zone().to_offset(moment))
        };
        let changes = |ms: &i64| offset(ms - PAD_MS) != offset(ms + PAD_MS);
        if moments.iter().any(changes) {
            PAD_MS
        } else {
            0
        }
    }

    fn contact(&mut self, before: &ContactTest, after: &ContactTest) {
        let is_moment = after.reading == Reading::Moment;
        if after.since.is_some() {
            if is_moment {
                let (one, two) = self.as_of_ms;
                self.over(one, two, Table::Contacts, &None);
            } else if self.day(self.as_of_ms.0) != self.day(self.as_of_ms.1) {
                self.edges.whole.insert(self.place);
            }
            return;
        }
        if before.test == after.test {
            return;
        }
        match (bounds(&before.test), bounds(&after.test)) {
            (Some(one), Some(two)) if is_moment => {
                self.over(one.0, two.0, Table::Contacts, &None);
                self.over(one.1, two.1, Table::Contacts, &None);
            }
            _ => {
                self.edges.whole.insert(self.place);
            }
        }
    }

    fn day(&self, ms: i64) -> Option<jiff::civil::Date> {
        let settings = self.settings;
        let wall = Wall::new(ms, settings.time_zone(), settings.week_start()).ok()?;
        wall.day_of(ms).ok()
    }
}

fn stretch(from_ms: i64, to_ms: i64, types: &Types) -> Stretch {
    Stretch {
        from_ms,
        to_ms,
        types: types.clone(),
    }
}

/// The bounds of whole numbers, the second being the first that is beyond.
fn bounds(test: &Test) -> Option<(i64, i64)> {
    let Test::Number(Compare::Between(Number::Int(from), Number::Int(last))) = test else {
        return None;
    };
    Some((
        i64::try_from(*from).ok()?,
        i64::try_from(*last).ok()?.checked_add(1)?,
    ))
}

/// Where facts are, and of which types.
fn read(facts: &Facts) -> (Table, Types) {
    let table = match facts.source() {
        Source::Events => Table::Events,
        Source::Orders => Table::Orders,
        Source::Messages => Table::Messages,
    };
    let types = match &facts.of {
        Of::Events(Events::These(types)) => Some(types.clone()),
        _ => None,
    };
    (table, types)
}

#[cfg(test)]
mod tests;
