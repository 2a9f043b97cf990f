//! Sequences: facts that followed each other, or did not.
//!
//! A person's rows that fit any step are gathered and put in order, events before orders of the
//! same time. They are gone through once: for each step that is present the rows are kept that
//! end a beginning of the sequence, and a row of an absent step strikes out those that it comes
//! too soon after. So every choice of rows is looked at, and none twice.

use super::super::ast::Duration;
use super::super::fields::Source;
use super::super::resolve::{Sequence, Step};
use super::super::words::{Key, Unit};
use super::Sql;
use super::events::AT;
use super::measure::Aggregate;
use super::params::Param;

/// A row: its place in the order (time, orders after events, tab, number in the tab, id), which
/// steps it fits, its session, its products as each step sees them, and until when each step may
/// come after it.
const ROW: &str =
    "Int64, UInt8, UInt64, UInt32, String, UInt64, UInt64, Array(Array(String)), Array(Int64)";

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
            let products = sequence.steps.iter().map(|step| {
                if step.facts.source() == self.source {
                    let met = self.met(&step.facts.filters);
                    self.products(&met)
                } else {
                    "CAST([], 'Array(String)')".to_owned()
                }
            });
            let products: Vec<String> = products.collect();
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
            Source::Orders => "toUInt8(1), toUInt64(0), toUInt32(0), order_id",
            _ => "toUInt8(0), tab_id, toUInt32(seq), toString(event_id)",
        };
        let until: Vec<String> = sequence
            .steps
            .iter()
            .map(|step| self.until(step.within))
            .collect();
        Some(Aggregate {
            function: "groupArray".to_owned(),
            argument: Some(format!(
                "({AT}, {place}, {fits}, {session}, {products}, [{}])",
                until.join(", ")
            )),
            condition,
        })
    }

    /// Until when a step may come after a row: by the clock on the wall of a day and longer.
    fn until(&mut self, within: Option<Duration>) -> String {
        let Some(Duration { n, unit }) = within else {
            return "toInt64(9223372036854775807)".to_owned();
        };
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
        format!("arrayExists(p -> {passed}, {ends})")
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
                let step = sequence.steps.get(*present);
                let earlier = stretches.get(before).map_or(0, |(earlier, _)| *earlier);
                let follows =
                    step.map_or_else(String::new, |step| comes_after(step, *present, earlier));
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
                .filter_map(|index| {
                    let step = sequence.steps.get(*index)?;
                    Some(format!(
                        "({} AND {})",
                        fits(*index),
                        comes_after(step, *index, *present)
                    ))
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
            .map(|index| format!("p.9[{}] <= {as_of}", index + 1))
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
    /// And with each, as its tenth part, the first choice that it ends: the places of its rows.
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
    format!("arrayElement(arraySort(arrayMap(p -> p.10, {rows})), 1)")
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
    format!("bitTest(r.6, {step})")
}

/// Whether the row `r` of a step comes after the row `p` of an earlier one as the step asks.
fn comes_after(step: &Step, index: usize, earlier: usize) -> String {
    let mut all = vec![format!("r.1 < p.9[{}]", index + 1)];
    for (keys, is_same) in [(&step.same, true), (&step.differs, false)] {
        for key in keys {
            let in_common = match key {
                // Nothing is in common with a row that has none.
                Key::Session => "r.7 = p.7 AND r.7 != 0".to_owned(),
                Key::Product => format!("hasAny(r.8[{}], p.8[{}])", index + 1, earlier + 1),
            };
            let not = if is_same { "" } else { "NOT " };
            all.push(format!("{not}({in_common})"));
        }
    }
    all.join(" AND ")
}
