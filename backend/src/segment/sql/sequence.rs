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

/// The id of a row as a text. Rows begin with their place in the order: time, orders after events,
/// tab, number in the tab, id of an event, id of an order. Then come which steps they fit, and
/// their [`Part`]s.
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
        let place = match self.source {
            Source::Orders => "toUInt8(1), toUInt64(0), toUInt32(0), toUInt128(0), order_id",
            _ => "toUInt8(0), tab_id, toUInt32(seq), toUInt128(event_id), ''",
        };
        let parts = parts(&sequence.steps).into_iter();
        let parts: String = parts
            .map(|part| format!(", {}", self.part(&part)))
            .collect();
        Some(Aggregate {
            function: "groupArray".to_owned(),
            argument: Some(format!("({AT}, {place}, {fits}{parts})")),
            condition,
        })
    }

    /// What rows of a table have of a part.
    fn part(&mut self, part: &Part<'_>) -> String {
        match part {
            Part::Session if self.source == Source::Events => "session_id".to_owned(),
            Part::Session => "toUInt64(0)".to_owned(),
            Part::Products(steps) => {
                let mut steps = steps.iter();
                let of_source = steps.find(|step| step.facts.source() == self.source);
                of_source.map_or_else(
                    || "CAST([], 'Array(UInt64)')".to_owned(),
                    |step| {
                        let met = self.met(&step.facts.filters);
                        self.product_hashes(&met)
                    },
                )
            }
            Part::Until(within) => self.until(*within),
        }
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
        let mut list = |moments: &[i64]| self.params.bind(Param::Moments(moments.to_vec()));
        let (from, from_wall) = (list(&offsets.from_ms), list(&offsets.from_wall_ms));
        let ahead = list(&offsets.ahead_ms);
        let at = |from: &str, ms: &str| {
            format!("transform(roundDown({ms}, {from}), {from}, {ahead}, toInt64(0))")
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
        let rows = self.compared(sequence, trail);
        let ends = self.ends(sequence, &rows, after, Kept::Rows);
        let passed = self.passed(sequence);
        let present = sequence.steps.iter().enumerate();
        let present: Vec<String> = present
            .filter(|(_, step)| !step.absent)
            .map(|(index, _)| format!("arrayExists(r -> {}, {rows})", fits(index)))
            .collect();
        // Most people lack a step, and need not be gone through.
        format!(
            "({} AND arrayExists(p -> {passed}, {ends}))",
            present.join(" AND ")
        )
    }

    /// The rows of the first choice that fits, none where none does.
    pub(super) fn first_choice(&mut self, sequence: &Sequence, trail: &str, after: &str) -> String {
        let rows = self.compared(sequence, trail);
        let ends = self.ends(sequence, &rows, after, Kept::Choices);
        let passed = self.passed(sequence);
        let first = least(&format!("arrayFilter(p -> {passed}, {ends})"), sequence);
        format!("arrayMap(i -> arrayElement({trail}, i), {first})")
    }

    /// The rows as they are compared, by a name: when, which steps they fit, and their parts. Their
    /// places in the order are left behind, for what is short is gone through faster.
    fn compared(&mut self, sequence: &Sequence, trail: &str) -> String {
        let parts = parts(&sequence.steps).len();
        let parts: String = (8..8 + parts).map(|part| format!(", t.{part}")).collect();
        self.named(format!("arrayMap(t -> (t.1, t.7{parts}), {trail})"))
    }

    /// The rows that end the sequence, whatever must not come after them.
    fn ends(&mut self, sequence: &Sequence, rows: &str, after: &str, kept: Kept) -> String {
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
            let row = kept.row(before.as_ref(), sequence);
            ends.push(format!(
                "if({arrives}, arrayPushBack({left}, {row}), {left})"
            ));
        }
        let (row, rows) = (kept.row_type(sequence), kept.rows(rows));
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
    /// When they were, and their parts.
    Rows,
    /// And with each, at its end, the first choice that it ends: the places of its rows. What may
    /// come next depends on the last row alone, so no other choice need be known.
    Choices,
}

impl Kept {
    /// The row `r` as it is kept; `before` says of which rows `p` it may come after, and where
    /// these are.
    fn row(self, before: Option<&(String, usize)>, sequence: &Sequence) -> String {
        let parts = parts(&sequence.steps).len();
        let mut kept: Vec<String> = (3..3 + parts).map(|part| format!("r.{part}")).collect();
        kept.insert(0, "r.1".to_owned());
        if self == Self::Choices {
            let choice = before.map_or_else(
                || "CAST([], 'Array(UInt32)')".to_owned(),
                |(follows, before)| {
                    least(
                        &format!("arrayFilter(p -> {follows}, a.{before})"),
                        sequence,
                    )
                },
            );
            kept.push(format!("arrayPushBack({choice}, i)"));
        }
        format!("tuple({})", kept.join(", "))
    }

    fn row_type(self, sequence: &Sequence) -> String {
        let parts = parts(&sequence.steps);
        let mut types: Vec<&str> = parts.iter().map(Part::type_name).collect();
        types.insert(0, "Int64");
        if self == Self::Choices {
            types.push("Array(UInt32)");
        }
        format!("Tuple({})", types.join(", "))
    }

    /// The accumulated rows, the next one and, where it is asked for, its place.
    const fn variables(self) -> &'static str {
        match self {
            Self::Rows => "(a, r)",
            Self::Choices => "(a, r, i)",
        }
    }

    fn rows(self, rows: &str) -> String {
        match self {
            Self::Rows => rows.to_owned(),
            Self::Choices => format!("{rows}, arrayEnumerate({rows})"),
        }
    }
}

/// The first of the choices that these rows end; an empty one where there are none.
fn least(rows: &str, sequence: &Sequence) -> String {
    let choice = parts(&sequence.steps).len() + 2;
    format!("arrayElement(arraySort(arrayMap(p -> p.{choice}, {rows})), 1)")
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
    format!("bitTest(r.2, {step})")
}

/// Something that rows are compared by, besides their moments.
enum Part<'a> {
    /// The session that they are of.
    Session,
    /// Hashes of their products as some steps see them: those of the items that the steps' filters
    /// let pass.
    Products(Vec<&'a Step>),
    /// Until when a step may come after them that comes so soon.
    Until(Duration),
}

impl Part<'_> {
    const fn type_name(&self) -> &'static str {
        match self {
            Self::Session => "UInt64",
            Self::Products(_) => "Array(UInt64)",
            Self::Until(_) => "Int64",
        }
    }
}

/// By what the rows of steps are compared: each once.
fn parts(steps: &[Step]) -> Vec<Part<'_>> {
    let compares = |key| {
        let mut steps = steps.iter();
        steps.any(|step| step.same.contains(&key) || step.differs.contains(&key))
    };
    let mut parts = Vec::new();
    if compares(Key::Session) {
        parts.push(Part::Session);
    }
    if compares(Key::Product) {
        parts.extend(views(steps).into_iter().map(Part::Products));
    }
    parts.extend(durations(steps).into_iter().map(Part::Until));
    parts
}

/// A part of the row `r` that is looked at, and of the row `p` that was kept.
fn part_of(steps: &[Step], is_it: impl Fn(&Part<'_>) -> bool) -> Option<(String, String)> {
    let place = parts(steps).iter().position(is_it)?;
    Some((format!("r.{}", place + 3), format!("p.{}", place + 2)))
}

/// Steps by the products that they see of a row.
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
    let is_it = |part: &Part<'_>| matches!(part, Part::Until(known) if *known == within);
    Some(part_of(&sequence.steps, is_it)?.1)
}

/// Whether the row `r` of a step comes after the row `p` of an earlier one as the step asks.
fn comes_after(sequence: &Sequence, index: usize, earlier: usize) -> String {
    let steps = &sequence.steps;
    let (Some(step), Some(before)) = (steps.get(index), steps.get(earlier)) else {
        return "false".to_owned();
    };
    let products_of = |step: &Step| {
        let sees = |part: &Part<'_>| matches!(part, Part::Products(view) if view.contains(&step));
        part_of(steps, sees)
    };
    let until = until_of(sequence, index);
    let mut all: Vec<String> = until.iter().map(|until| format!("r.1 < {until}")).collect();
    for (keys, is_same) in [(&step.same, true), (&step.differs, false)] {
        for key in keys {
            let in_common = match key {
                // Nothing is in common with a row that has none.
                Key::Session => part_of(steps, |part| matches!(part, Part::Session))
                    .map(|(row, kept)| format!("{row} = {kept} AND {row} != 0")),
                Key::Product => products_of(step)
                    .zip(products_of(before))
                    .map(|((row, _), (_, kept))| format!("hasAny({row}, {kept})")),
            };
            let not = if is_same { "" } else { "NOT " };
            all.extend(in_common.map(|in_common| format!("{not}({in_common})")));
        }
    }
    if all.is_empty() {
        return "true".to_owned();
    }
    all.join(" AND ")
}
