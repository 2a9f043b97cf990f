//! What is known only once all of a person is together: windows that begin after the latest of
//! some facts, and the newest message. The facts themselves are gathered, with their times, and
//! aggregated at last.

use super::super::ast::Of;
use super::super::fields::Source;
use super::super::resolve::{Asked, Facts, Leaf, Measured};
use super::super::words::{MessageType, Word as _};
use super::Sql;
use super::events::AT;
use super::measure::Aggregate;
use super::params::Param;
use super::stage::{Column, From, States, from};

/// When the cart was last emptied by an order.
pub(super) const EMPTIED: &str = "emptied";
/// Before every moment.
pub(super) const NEVER: &str = "toInt64(-9223372036854775808)";
/// No message at all.
const NO_MESSAGE: &str = "(toInt64(-9223372036854775808), toUInt128(0), '')";

impl Sql<'_> {
    fn sinces(&self) -> Vec<&Facts> {
        let mut sinces = Vec::new();
        for leaf in &self.plan.leaves {
            if let Some(facts) = since(leaf)
                && !sinces.contains(&facts)
            {
                sinces.push(facts);
            }
        }
        sinces
    }

    /// What is gathered of each person.
    pub(super) fn later_columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for (index, facts) in self.sinces().into_iter().enumerate() {
            columns.push(Column {
                name: format!("z{index}"),
                nothing: NEVER,
                unite: "max",
                from: From::Facts(facts.source()),
            });
        }
        for (index, leaf) in self.plan.leaves.iter().enumerate() {
            if !leaf.is_later() {
                continue;
            }
            let mut add = |name: &str, nothing, unite| {
                columns.push(Column {
                    name: format!("{name}{index}"),
                    nothing,
                    unite,
                    from: from(leaf),
                });
            };
            match leaf {
                Leaf::Measured(measured) => {
                    add("f", "[]", "groupArrayArray");
                    if measured.latest {
                        add("n", NO_MESSAGE, "max");
                    }
                }
                Leaf::Cart(_) => add("f", "[]", "groupArrayArray"),
                Leaf::Contact(_) => add("d", "NULL", "max"),
                Leaf::Sequence(_) => {
                    add("f", "[]", "groupArrayArray");
                    columns.push(Column {
                        name: format!("g{index}"),
                        nothing: "[]",
                        unite: "groupArrayArray",
                        from: From::Facts(Source::Orders),
                    });
                }
                _ => add("l", NEVER, "max"),
            }
        }
        if self.has_cart() {
            columns.push(Column {
                name: EMPTIED.to_owned(),
                nothing: NEVER,
                unite: "max",
                from: From::Facts(Source::Orders),
            });
        }
        columns
    }

    /// What a table knows of that.
    pub(super) fn later_values(
        &mut self,
        source: Source,
        states: &mut States,
    ) -> Vec<(String, String)> {
        let mut values = Vec::new();
        let sinces: Vec<Facts> = self.sinces().into_iter().cloned().collect();
        for (index, facts) in sinces.iter().enumerate() {
            if facts.source() == source {
                let mut all = self.facts(facts);
                all.push(self.before_as_of());
                let latest = self.latest_of(all, states, AT);
                values.push((format!("z{index}"), format!("ifNull({latest}, {NEVER})")));
            }
        }
        for (index, leaf) in self.plan.leaves.iter().enumerate() {
            if let Leaf::Sequence(sequence) = leaf
                && let Some(trail) = self.sequence_trail(sequence)
            {
                let name = if source == Source::Orders { "g" } else { "f" };
                values.push((format!("{name}{index}"), states.add(&trail)));
            }
            if !leaf.is_later() || from(leaf) != From::Facts(source) {
                continue;
            }
            match leaf {
                Leaf::Measured(measured) => {
                    let facts = self.facts_in(measured);
                    let argument = if measured.latest {
                        "message_id".to_owned()
                    } else {
                        let aggregate = self.measure(measured, &facts);
                        aggregate.argument.unwrap_or_else(|| "1".to_owned())
                    };
                    let gathered = states.add(&Aggregate {
                        function: "groupArray".to_owned(),
                        argument: Some(format!("({AT}, {argument})")),
                        condition: self.condition(measured, &facts),
                    });
                    values.push((format!("f{index}"), gathered));
                    if measured.latest {
                        let newest = self.newest(&measured.facts, states);
                        values.push((format!("n{index}"), newest));
                    }
                }
                Leaf::Last(last) => {
                    let aggregate = self.latest(last);
                    let latest = states.add(&aggregate);
                    values.push((format!("l{index}"), format!("ifNull({latest}, {NEVER})")));
                }
                Leaf::Cart(_) => {
                    let trail = self.cart_trail();
                    values.push((format!("f{index}"), states.add(&trail)));
                }
                Leaf::Sequence(_) | Leaf::Contact(_) | Leaf::Group(_) => {}
            }
        }
        if source == Source::Orders && self.has_cart() {
            let emptied = self.emptied();
            let latest = states.add(&emptied);
            values.push((EMPTIED.to_owned(), format!("ifNull({latest}, {NEVER})")));
        }
        values
    }

    fn latest_of(&mut self, all: Vec<String>, states: &mut States, what: &str) -> String {
        let condition = self.asking(all);
        states.add(&Aggregate {
            function: "maxOrNull".to_owned(),
            argument: Some(what.to_owned()),
            condition,
        })
    }

    /// The newest message that was sent on the leaf's channel: when, and which.
    fn newest(&mut self, facts: &Facts, states: &mut States) -> String {
        let sent = self
            .params
            .bind(Param::Text(MessageType::Sent.as_str().to_owned()));
        let mut all = vec![format!("event = {sent}")];
        if let Of::Messages {
            channel: Some(channel),
            ..
        } = &facts.of
        {
            all.push(self.is_on(channel.as_str()));
        }
        all.push(self.before_as_of());
        let condition = self.asking(all);
        let newest = states.add(&Aggregate {
            function: "groupArray".to_owned(),
            argument: Some(format!("({AT}, toUInt128(id), message_id)")),
            condition,
        });
        format!("arrayMax(arrayPushBack({newest}, {NO_MESSAGE}))")
    }

    /// Whether the answer of a leaf that comes at last is as asked; nothing for others.
    pub(super) fn later(&mut self, index: usize, asked: &Asked) -> Option<String> {
        let leaf = self.plan.leaves.get(index)?;
        if !leaf.is_later() {
            return None;
        }
        let since = self.begins_after(leaf);
        let after = |at: &str| is_after(since.as_deref(), at);
        Some(match (leaf, asked) {
            (Leaf::Measured(measured), Asked::Number(compare)) => {
                let found = self.gathered(index, measured);
                self.satisfies(measured, &found, compare)
            }
            (Leaf::Cart(cart), _) => {
                let touched = self.named(format!("arrayMax(t -> t.1, f{index})"));
                let after = after(&touched);
                self.is_left(cart, &format!("f{index}"), &after)
            }
            (Leaf::Contact(test), _) => {
                let since = since.unwrap_or_else(|| NEVER.to_owned());
                let lies = self.lies_since(test, &format!("d{index}"), &since);
                format!("({since} > {NEVER} AND {lies})")
            }
            (Leaf::Sequence(sequence), _) => {
                let trail = self.in_order(index);
                let after = after("r.1");
                self.follows(sequence, &trail, &after)
            }
            _ => format!("(l{index} > {NEVER} AND {})", after(&format!("l{index}"))),
        })
    }

    /// What the facts come to that were gathered of a leaf.
    pub(super) fn gathered(&self, index: usize, leaf: &Measured) -> String {
        let kept = self.kept(index, "t.2");
        let function = if leaf.latest {
            "count".to_owned()
        } else {
            self.function_of(leaf)
        };
        format!("arrayReduce('{function}', arrayMap(t -> t.2, arrayFilter(t -> {kept}, f{index})))")
    }

    /// Whether a fact `t` that was gathered of a leaf is one of it, once all is known; `message`
    /// is the message that it is of.
    pub(super) fn kept(&self, index: usize, message: &str) -> String {
        let Some(leaf) = self.plan.leaves.get(index) else {
            return "false".to_owned();
        };
        let kept = is_after(self.begins_after(leaf).as_deref(), "t.1");
        match leaf {
            Leaf::Measured(leaf) if leaf.latest => {
                format!("{kept} AND n{index}.1 > {NEVER} AND {message} = n{index}.3")
            }
            _ => kept,
        }
    }

    /// The rows of a sequence that were gathered, by a name.
    pub(super) fn in_order(&mut self, index: usize) -> String {
        self.named(format!("arraySort(arrayConcat(f{index}, g{index}))"))
    }

    /// The moment after which the window of a leaf begins, if after one.
    pub(super) fn begins_after(&self, leaf: &Leaf) -> Option<String> {
        let facts = since(leaf)?;
        let mut sinces = self.sinces().into_iter();
        let place = sinces.position(|known| known == facts)?;
        Some(format!("z{place}"))
    }
}

/// Whether a moment is after another one, if after any. Nothing is after what never was.
pub(super) fn is_after(since: Option<&str>, at: &str) -> String {
    since.map_or_else(
        || "true".to_owned(),
        |since| format!("{since} > {NEVER} AND {at} > {since}"),
    )
}

/// What the window of a leaf begins after.
fn since(leaf: &Leaf) -> Option<&Facts> {
    let since = match leaf {
        Leaf::Measured(leaf) => &leaf.when.since,
        Leaf::Last(leaf) => &leaf.when.since,
        Leaf::Cart(leaf) => &leaf.when.since,
        Leaf::Sequence(leaf) => &leaf.when.since,
        Leaf::Contact(leaf) => &leaf.since,
        Leaf::Group(_) => return None,
    };
    since.as_ref()
}
