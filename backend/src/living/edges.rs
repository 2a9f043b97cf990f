//! Whom time alone may have changed: between two moments the bounds of windows move, and whose
//! facts they move over may come or leave. Nobody else does, but those of whom something came.
//!
//! That all windows end at the moment asked about is not looked at here: a fact that lies ahead
//! is [noted](super::noted) when it comes, and its time is waited for.

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
            (Tree::Not(one), Tree::Not(two)) | (Tree::Nested(one), Tree::Nested(two)) => {
                self.tree(one, two);
            }
            (Tree::Leaf { leaf: one, .. }, Tree::Leaf { leaf: two, .. }) => {
                let leaves = (self.before.leaves.get(*one), self.after.leaves.get(*two));
                if let (Some(one), Some(two)) = leaves {
                    self.leaf(one, two);
                }
            }
            _ => {
                self.edges.whole.insert(self.place);
            }
        }
    }

    fn leaf(&mut self, before: &Leaf, after: &Leaf) {
        match (before, after) {
            (Leaf::Measured(one), Leaf::Measured(two)) => {
                let (table, mut types) = read(&two.facts);
                if two.is_of_starts() {
                    types = None;
                }
                self.window(&one.when, &two.when, table, &types);
            }
            (Leaf::Last(one), Leaf::Last(two)) => {
                let (table, types) = two.facts.as_ref().map_or((Table::Events, None), read);
                self.window(&one.when, &two.when, table, &types);
            }
            (Leaf::Cart(one), Leaf::Cart(two)) => {
                let types = Some(CART_EVENTS.into());
                self.window(&one.when, &two.when, Table::Events, &types);
                self.over(one.idle_from_ms, two.idle_from_ms, Table::Events, &types);
            }
            (Leaf::Sequence(one), Leaf::Sequence(two)) => {
                for step in &two.steps {
                    let (table, types) = read(&step.facts);
                    self.window(&one.when, &two.when, table, &types);
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

    fn window(&mut self, before: &When, after: &When, table: Table, types: &Types) {
        let (from, to) = (before.span, after.span);
        if let (Some(one), Some(two)) = (from.from_ms, to.from_ms) {
            self.over(one, two, table, types);
        }
        if (from.to_ms, to.to_ms) != self.as_of_ms {
            self.over(from.to_ms, to.to_ms, table, types);
        }
    }

    /// A bound moves.
    fn over(&mut self, one: i64, two: i64, table: Table, types: &Types) {
        if one == two {
            return;
        }
        let stretch = Stretch {
            from_ms: one.min(two),
            to_ms: one.max(two),
            types: types.clone(),
        };
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
mod tests {
    use super::*;
    use crate::segment::{Known, Question, contact, parse, resolve};
    use expect_test::{Expect, expect};
    use jiff::civil::Weekday;
    use serde_json::{Value, json};

    /// What moves for a definition between two moments in Jerusalem.
    fn check(definition: &Value, from: &str, to: &str, expected: Expect) {
        let settings = SiteSettings::new("Asia/Jerusalem", Weekday::Sunday, "ILS").unwrap();
        let known = Known {
            fields: contact::fields(&crate::people::field::Fields::standard("IL")),
            ..Known::default()
        };
        let ms = |text: &str| {
            let moment: jiff::Timestamp = text.parse().unwrap();
            moment.as_millisecond()
        };
        let as_of_ms = (ms(from), ms(to));
        let definition = parse(definition).unwrap();
        let resolved = |as_of_ms| {
            let question = Question {
                site: "shop",
                settings: &settings,
                known: &known,
                as_of_ms,
            };
            resolve(&definition, &question).unwrap()
        };
        let edges = edges(
            &resolved(as_of_ms.0),
            &resolved(as_of_ms.1),
            as_of_ms,
            &settings,
        );
        let at = |ms| jiff::Timestamp::from_millisecond(ms).unwrap();
        let lines = edges.stretches.iter().flat_map(|(table, stretches)| {
            stretches.iter().map(move |one| {
                let (from, to) = (at(one.from_ms), at(one.to_ms));
                format!("{table:?} {from} {to} {:?}", one.types)
            })
        });
        let mut lines: Vec<String> = lines.collect();
        lines.extend(edges.whole.iter().map(|place| format!("whole {place}")));
        expected.assert_eq(&lines.join("\n"));
    }

    const AT: &str = "2026-11-22T10:00:00Z";
    const THEN: &str = "2026-11-22T10:00:20Z";

    #[test]
    fn a_window_lets_go_where_its_bounds_move() {
        let days = json!({"n": 30, "unit": "day"});
        let click = json!({"kind": "event", "event": "click", "window": {"last": days}});
        // Before the clocks went back noon was an hour earlier.
        check(
            &click,
            AT,
            THEN,
            expect!["Events 2026-10-23T09:00:00Z 2026-10-23T09:00:20Z Some({Click})"],
        );
        let ever =
            json!({"all": [{"kind": "order"}, {"not": {"kind": "event", "event": "share"}}]});
        check(&ever, AT, THEN, expect![""]);
    }

    #[test]
    fn a_day_ends_at_midnight() {
        let today = json!({"kind": "order", "window": {"calendar": "today"}});
        check(&today, AT, THEN, expect![""]);
        check(
            &today,
            "2026-11-22T21:59:50Z",
            "2026-11-22T22:00:10Z",
            expect!["Orders 2026-11-21T22:00:00Z 2026-11-22T22:00:00Z None"],
        );
        let birthday = json!({"kind": "contact", "field": "birthday", "op": "anniversary_in",
            "window": {"calendar": "today"}});
        check(&birthday, AT, THEN, expect![""]);
        check(
            &birthday,
            "2026-11-22T21:59:50Z",
            "2026-11-22T22:00:10Z",
            expect!["whole 0"],
        );
    }

    #[test]
    fn nothing_that_follows_is_waited_for() {
        let step = |event: &str| json!({"of": {"kind": "event", "event": event}});
        let mut absent = step("purchase");
        absent["absent"] = json!(true);
        absent["within"] = json!({"n": 1, "unit": "hour"});
        let sequence = json!({"kind": "sequence", "steps": [step("add_to_cart"), absent]});
        check(
            &sequence,
            AT,
            THEN,
            expect!["Events 2026-11-22T09:00:00.001Z 2026-11-22T09:00:20.001Z Some({AddToCart})"],
        );
        // Four days of January are a month before the last day of February.
        let mut month = sequence;
        month["steps"][1]["within"] = json!({"n": 1, "unit": "month"});
        check(
            &month,
            AT,
            THEN,
            expect!["Events 2026-10-22T09:00:00.001Z 2026-10-22T09:00:20.001Z Some({AddToCart})"],
        );
        check(
            &month,
            "2026-02-28T09:59:59Z",
            "2026-02-28T10:00:00Z",
            expect!["Events 2026-01-28T09:59:59.001Z 2026-01-31T10:00:00.001Z Some({AddToCart})"],
        );
    }
}
