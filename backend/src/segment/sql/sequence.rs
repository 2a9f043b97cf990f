//! Sequences: facts that followed each other, or did not.
//!
//! A person's rows that fit any step are gathered and put in order, events before orders of the
//! same time. They are gone through once: for each step that is present the rows are kept that
//! end a beginning of the sequence, and a row of an absent step strikes out those that it comes
//! too soon after. So every choice of rows is looked at, and none twice.

use super::super::ast::Duration;
use super::super::fields::{Field, Source};
use super::super::resolve::{Filter, Sequence, Step};
use super::super::words::{Key, Unit};
use super::Sql;
use super::events::AT;
use super::measure::Aggregate;
use super::params::Param;

/// A row: its place in the order (time, orders after events, tab, number in the tab, id of an
/// event, id of an order), which steps it fits, its session, its products as steps see them, and
/// until when steps may come after it. What steps see alike is there once.
const ROW: &str = "Int64, UInt8, UInt64, UInt32, UInt128, String, UInt64, UInt64, Array(Array(String)), Array(Int64)";
/// The id of a row as a text.
pub(super) const ROW_ID: &str = "if(t.2 = 0, leftPad(lower(hex(t.5)), 32, '0'), t.6)";

impl Sql<'_> {
    /// The rows of a table that fit a step; nothing where its rows fit none.
    pub(super) fn sequence_trail(&mut self, sequence: &Sequence) -> Option<Aggregate> {
        let mut bits = Vec::new();
        for (index, step) in sequence.steps.iter().enumerate() {
            if step.facts.source() == self.source {
                let all = self.facts(&step.facts);
                let all = if all.is_empty() {
                    "true".to_owned()
                } else {
                    all.join(" AND ")
                };
                bits.push(format!(
                    "bitShiftLeft(toUInt64(ifNull({all}, false)), {index})"
                ));
            }
        }
        if bits.is_empty() {
            return None;
        }
        let fits = self.named(bits.join(" + "));
        let before = self.before_as_of();
        let condition = self.asking(vec![before, format!("{fits} != 0")]);
        let keys = |key| {
            let mut steps = sequence.steps.iter();
            steps.any(|step| step.same.contains(&key) || step.differs.contains(&key))
        };
        let products = if keys(Key::Product) {
            let views = views(&sequence.steps).into_iter().map(|steps| {
                let mut steps = steps.into_iter();
                let of_source = steps.find(|step| step.facts.source() == self.source);
                of_source.map_or_else(
                    || "CAST([], 'Array(String)')".to_owned(),
                    |step| {
                        let met = self.met(&step.facts.filters);
                        self.products(&met)
                    },
                )
            });
            let products: Vec<String> = views.collect();
            format!("[{}]", products.join(", "))
        } else {
            "CAST([], 'Array(Array(String))')".to_owned()
        };
        let session = if keys(Key::Session) && self.source == Source::Events {
            "session_id"
        } else {
            "toUInt64(0)"
        };
        let place = match self.source {
            Source::Orders => "toUInt8(1), toUInt64(0), toUInt32(0), toUInt128(0), order_id",
            _ => "toUInt8(0), tab_id, toUInt32(seq), toUInt128(event_id), ''",
        };
        let durations = durations(&sequence.steps).into_iter();
        let until: Vec<String> = durations.map(|within| self.until(within)).collect();
        let until = if until.is_empty() {
            "CAST([], 'Array(Int64)')".to_owned()
        } else {
            format!("[{}]", until.join(", "))
        };
        Some(Aggregate {
            function: "groupArray".to_owned(),
            argument: Some(format!(
                "({AT}, {place}, {fits}, {session}, {products}, {until})"
            )),
            condition,
        })
    }

    /// Until when a step may come after a row: by the clock on the wall of a day and longer.
    fn until(&mut self, Duration { n, unit }: Duration) -> String {
        let shift = match unit {
            Unit::Minute => return format!("{AT} + {}", i64::from(n) * 60_000),
            Unit::Hour => return format!("{AT} + {}", i64::from(n) * 3_600_000),
            Unit::Day => "addDays",
            Unit::Week => "addWeeks",
            Unit::Month => "addMonths",
            Unit::Year => "addYears",
        };
        let offsets = &self.plan.offsets;
        let mut list = |numbers: &[i64]| {
            let numbers = numbers.iter().copied().map(i128::from).collect();
            self.params.bind(Param::Ints(numbers))
        };
        let (from, from_wall) = (list(&offsets.from_ms), list(&offsets.from_wall_ms));
        let ahead = list(&offsets.ahead_ms);
        let at = |from: &str, ms: &str| {
            format!("toInt64(arrayElement({ahead}, arrayCount(c -> c <= {ms}, {from})))")
        };
        let wall = self.named(format!("{AT} + {}", at(&from, AT)));
        let shifted = self.named(format!(
            "toUnixTimestamp64Milli({shift}(fromUnixTimestamp64Milli({wall}, 'UTC'), {n}))"
        ));
        self.named(format!("{shifted} - {}", at(&from_wall, &shifted)))
    }

    /// Whether the steps are among a person's rows; `after` says whether a row `r` comes after
    /// what the window begins with.
    pub(super) fn follows(&mut self, sequence: &Sequence, trail: &str, after: &str) -> String {
        let ends = self.ends(sequence, trail, after, Kept::Rows);
        let passed = self.passed(sequence);
        let present = sequence.steps.iter().enumerate();
        let present: Vec<String> = present
            .filter(|(_, step)| !step.absent)
            .map(|(index, _)| format!("arrayExists(r -> {}, {trail})", fits(index)))
            .collect();
        // Most people lack a step, and need not be gone through.
        format!(
            "({} AND arrayExists(p -> {passed}, {ends}))",
            present.join(" AND ")
        )
    }

    /// The rows of the first choice that fits, none where none does.
    pub(super) fn first_choice(&mut self, sequence: &Sequence, trail: &str, after: &str) -> String {
        let ends = self.ends(sequence, trail, after, Kept::Choices);
        let passed = self.passed(sequence);
        let first = least(&format!("arrayFilter(p -> {passed}, {ends})"));
        format!("arrayMap(i -> arrayElement({trail}, i), {first})")
    }

    /// The rows that end the sequence, whatever must not come after them.
    fn ends(&mut self, sequence: &Sequence, trail: &str, after: &str, kept: Kept) -> String {
        let span = &sequence.when.span;
        let to = self.params.bind(Param::Int(span.to_ms.into()));
        let mut in_window = vec![format!("r.1 < {to}"), after.to_owned()];
        if let Some(from) = span.from_ms {
            let from = self.params.bind(Param::Int(from.into()));
            in_window.push(format!("r.1 >= {from}"));
        }
        let in_window = in_window.join(" AND ");
        let stretches = stretches(&sequence.steps);
        let mut ends = Vec::new();
        for (place, (present, absent)) in stretches.iter().enumerate() {
            let fits_it = fits(*present);
            let before = place.checked_sub(1).map(|before| {
                let earlier = stretches.get(before).map_or(0, |(earlier, _)| *earlier);
                let follows = comes_after(sequence, *present, earlier);
                (follows, before + 1)
            });
            let arrives = match &before {
                None => format!("{fits_it} AND {in_window}"),
                Some((follows, before)) => {
                    format!("{fits_it} AND {in_window} AND arrayExists(p -> {follows}, a.{before})")
                }
            };
            let struck: Vec<String> = absent
                .iter()
                .map(|index| {
                    format!(
                        "({} AND {})",
                        fits(*index),
                        comes_after(sequence, *index, *present)
                    )
                })
                .collect();
            let place = place + 1;
            let left = if struck.is_empty() {
                format!("a.{place}")
            } else {
                format!("arrayFilter(p -> NOT ({}), a.{place})", struck.join(" OR "))
            };
            let row = kept.row(before.as_ref());
            ends.push(format!(
                "if({arrives}, arrayPushBack({left}, {row}), {left})"
            ));
        }
        let (row, rows) = (kept.row_type(), kept.rows(trail));
        let nothing = vec![format!("CAST([], 'Array({row})')"); stretches.len()].join(", ");
        format!(
            "tupleElement(arrayFold({} -> tuple({}), {rows}, tuple({nothing})), {})",
            kept.variables(),
            ends.join(", "),
            stretches.len()
        )
    }

    /// Whether the time has passed in which something must not come after the row `p`.
    fn passed(&mut self, sequence: &Sequence) -> String {
        let as_of = self.params.bind(Param::Int(self.plan.as_of_ms.into()));
        let passed: Vec<String> = stretches(&sequence.steps)
            .last()
            .into_iter()
            .flat_map(|(_, absent)| absent)
            .map(|index| match until_of(sequence, *index) {
                Some(until) => format!("{until} <= {as_of}"),
                None => "false".to_owned(),
            })
            .collect();
        if passed.is_empty() {
            return "true".to_owned();
        }
        passed.join(" AND ")
    }
}

/// What is kept of the rows that end a beginning of a sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// The rows themselves.
    Rows,
    /// And with each, as its eleventh part, the first choice that it ends: the places of its rows.
    /// What may come next depends on the last row alone, so no other choice need be known.
    Choices,
}

impl Kept {
    /// The row `r` as it is kept; `before` says of which rows `p` it may come after, and where
    /// these are.
    fn row(self, before: Option<&(String, usize)>) -> String {
        if self == Self::Rows {
            return "r".to_owned();
        }
        let choice = before.map_or_else(
            || "CAST([], 'Array(UInt32)')".to_owned(),
            |(follows, before)| least(&format!("arrayFilter(p -> {follows}, a.{before})")),
        );
        format!("tupleConcat(r, tuple(arrayPushBack({choice}, i)))")
    }

    fn row_type(self) -> String {
        match self {
            Self::Rows => format!("Tuple({ROW})"),
            Self::Choices => format!("Tuple({ROW}, Array(UInt32))"),
        }
    }

    /// The accumulated rows, the next one and, where it is asked for, its place.
    const fn variables(self) -> &'static str {
        match self {
            Self::Rows => "(a, r)",
            Self::Choices => "(a, r, i)",
        }
    }

    fn rows(self, trail: &str) -> String {
        match self {
            Self::Rows => trail.to_owned(),
            Self::Choices => format!("{trail}, arrayEnumerate({trail})"),
        }
    }
}

/// The first of the choices that these rows end; an empty one where there are none.
fn least(rows: &str) -> String {
    format!("arrayElement(arraySort(arrayMap(p -> p.11, {rows})), 1)")
}

/// Each step that is present, with the absent ones up to the next.
fn stretches(steps: &[Step]) -> Vec<(usize, Vec<usize>)> {
    let mut stretches: Vec<(usize, Vec<usize>)> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        match stretches.last_mut() {
            Some((_, absent)) if step.absent => absent.push(index),
            _ => stretches.push((index, Vec::new())),
        }
    }
    stretches
}

fn fits(step: usize) -> String {
    format!("bitTest(r.7, {step})")
}

/// Steps by the products that they see of a row: those of the items that their filters let pass.
fn views(steps: &[Step]) -> Vec<Vec<&Step>> {
    let mut views: Vec<Vec<&Step>> = Vec::new();
    for step in steps {
        let sees_alike = |view: &&mut Vec<&Step>| {
            let mut first = view.iter().take(1);
            first.any(|first| of_items(first).eq(of_items(step)))
        };
        match views.iter_mut().find(sees_alike) {
            Some(view) => view.push(step),
            None => views.push(vec![step]),
        }
    }
    views
}

fn of_items(step: &Step) -> impl Iterator<Item = &Filter> {
    let filters = step.facts.filters.iter();
    filters.filter(|filter| matches!(filter.field, Field::Item(_)))
}

/// The products of a row as a step sees them.
fn products_of(row: &str, sequence: &Sequence, step: &Step) -> String {
    let views = views(&sequence.steps);
    let sees = |view: &Vec<&Step>| view.contains(&step);
    let place = views.iter().position(sees).unwrap_or_default();
    format!("{row}.9[{}]", place + 1)
}

/// How soon steps come after others, each once.
fn durations(steps: &[Step]) -> Vec<Duration> {
    let mut durations = Vec::new();
    for within in steps.iter().filter_map(|step| step.within) {
        if !durations.contains(&within) {
            durations.push(within);
        }
    }
    durations
}

/// Until when a step may come after the row `p`, if that matters.
fn until_of(sequence: &Sequence, step: usize) -> Option<String> {
    let within = sequence.steps.get(step)?.within?;
    let durations = durations(&sequence.steps);
    let place = durations.iter().position(|known| *known == within)?;
    Some(format!("p.10[{}]", place + 1))
}

/// Whether the row `r` of a step comes after the row `p` of an earlier one as the step asks.
fn comes_after(sequence: &Sequence, index: usize, earlier: usize) -> String {
    let steps = &sequence.steps;
    let (Some(step), Some(before)) = (steps.get(index), steps.get(earlier)) else {
        return "false".to_owned();
    };
    let until = until_of(sequence, index);
    let mut all: Vec<String> = until.iter().map(|until| format!("r.1 < {until}")).collect();
    for (keys, is_same) in [(&step.same, true), (&step.differs, false)] {
        for key in keys {
            let in_common = match key {
                // Nothing is in common with a row that has none.
                Key::Session => "r.8 = p.8 AND r.8 != 0".to_owned(),
                Key::Product => format!(
                    "hasAny({}, {})",
                    products_of("r", sequence, step),
                    products_of("p", sequence, before)
                ),
            };
            let not = if is_same { "" } else { "NOT " };
            all.push(format!("{not}({in_common})"));
        }
    }
    if all.is_empty() {
        return "true".to_owned();
    }
    all.join(" AND ")
}
