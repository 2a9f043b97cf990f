//! Contacts and groups: what is known of people, as now.

use super::super::contact::Kind;
use super::super::resolve::{ContactTest, Leaf, Reading};
use super::filter::{Value, ValueKind};
use super::params::Param;
use super::stage::{Column, From, from, selected};
use super::{Sql, and};

impl Sql<'_> {
    /// Contacts as they are now: a row a person.
    pub(super) fn contacts_stage(&mut self, columns: &[Column]) -> String {
        self.names.clear();
        let mut given = Vec::new();
        for (index, answer) in self.plan.answers.iter().enumerate() {
            let Some(Leaf::Contact(test)) = self.plan.leaves.get(answer.leaf) else {
                continue;
            };
            if test.since.is_some() {
                continue;
            }
            // One that is negated is true of nothing: the bit says where it is not so.
            let is_so = self.contact_test(test);
            given.push((format!("a{index}"), format!("toUInt8({is_so})")));
        }
        for (index, leaf) in self.plan.leaves.iter().enumerate() {
            if let Leaf::Contact(test) = leaf
                && test.since.is_some()
            {
                let value = self.contact_value(test);
                given.push((format!("d{index}"), format!("toInt64({value})")));
            }
        }
        given.extend(self.told_of_contacts());
        let must = self.must(&given);
        let must = and(&must.unwrap_or_default());
        let outer = selected(columns, &given);
        let (site, only) = (self.site(), self.is_asked("contact_id"));
        let with = self.with();
        format!(
            "{with}SELECT contact_id AS person{outer} FROM contacts FINAL\nWHERE site = {site}{only} AND NOT gone{must}\n"
        )
    }

    fn contact_test(&mut self, test: &ContactTest) -> String {
        let value = self.contact_value(test);
        if test.reading == Reading::Texts {
            let variable = Value {
                text: "t".to_owned(),
                kind: ValueKind::Variable,
            };
            let is_so = self.test(&variable, &test.test);
            return format!("arrayExists(t -> {is_so}, {value})");
        }
        let kind = match test.reading {
            Reading::Text | Reading::Texts => ValueKind::Text,
            Reading::Number => ValueKind::Float,
            _ => ValueKind::Number,
        };
        self.test(&Value { text: value, kind }, &test.test)
    }

    /// A contact's field, read as the test asks.
    pub(super) fn contact_value(&mut self, test: &ContactTest) -> String {
        let field = &test.field;
        if field.is_standard {
            let column = format!("`{}`", field.name);
            return match (test.reading, field.kind) {
                (Reading::Flag, _) => format!("toUInt8({column})"),
                (Reading::Day, Kind::Instant) => {
                    let day = self.local_day(&column);
                    format!("toInt32({day})")
                }
                (Reading::Day, _) => format!("toInt32({column})"),
                (Reading::Moment, _) => format!("toUnixTimestamp64Milli({column})"),
                (Reading::DayOfYear, Kind::Instant) => {
                    let day = self.local_day(&column);
                    day_of_year(&day)
                }
                (Reading::DayOfYear, _) => day_of_year(&column),
                _ => column,
            };
        }
        let name = self.params.bind(Param::Text(field.name.clone()));
        let value = self.named(format!("getSubcolumn(fields, {name})"));
        if test.reading == Reading::Texts {
            let texts = format!("dynamicElement({value}, 'Array(Nullable(String))')");
            return self.named(format!("arrayMap(t -> ifNull(t, ''), {texts})"));
        }
        let kinds = match field.kind {
            Kind::Number => "('Int64', 'UInt64', 'Float64')",
            Kind::Bool => "('Bool')",
            _ => "('String', 'Date', 'Date32', 'DateTime', 'DateTime64(9)')",
        };
        let text = self.named(format!(
            "if(dynamicType({value}) IN {kinds}, toString({value}), '')"
        ));
        match test.reading {
            Reading::Number => self.named(format!("toFloat64OrNull({text})")),
            Reading::Flag => self.named(format!(
                "multiIf({text} = 'true', 1, {text} = 'false', 0, NULL)"
            )),
            Reading::Day => self.named(format!("toInt32(toDate32OrNull({text}))")),
            Reading::DayOfYear => {
                let day = self.named(format!("toDate32OrNull({text})"));
                day_of_year(&day)
            }
            _ => text,
        }
    }

    /// Whether a contact's date `d` lies between the moment `since` and now.
    pub(super) fn lies_since(&mut self, test: &ContactTest, d: &str, since: &str) -> String {
        let as_of = self.params.bind(Param::Int(self.plan.as_of_ms.into()));
        if test.reading == Reading::Moment {
            return format!("ifNull({d} > {since} AND {d} < {as_of}, false)");
        }
        let zone = self.plan.settings.time_zone_name().to_owned();
        let zone = self.params.bind(Param::Text(zone));
        let day =
            |ms: &str| format!("toInt32(toDate32(fromUnixTimestamp64Milli({ms}, {zone}), {zone}))");
        // What never was has no day.
        let first = day(&format!("(greatest({since}, toInt64(0)) + 1)"));
        let next = day(&as_of);
        if test.reading == Reading::Day {
            return format!("ifNull({d} >= {first} AND {d} < {next}, false)");
        }
        // A year has them all; in years that have none, 29 February is the 28th.
        let date = "addDays(toDate32('1970-01-01'), day)";
        let of_year = day_of_year(date);
        let is_last = format!("toDayOfMonth(addDays({date}, 1)) = 1");
        format!(
            "arrayExists(day -> ifNull({d} = {of_year} OR ({d} = 229 AND {of_year} = 228 AND {is_last}), false), \
             range({first}, greatest({first}, least({next}, {first} + 367))))"
        )
    }

    fn local_day(&mut self, moment: &str) -> String {
        let zone = self.plan.settings.time_zone_name().to_owned();
        let zone = self.params.bind(Param::Text(zone));
        self.named(format!("toDate32({moment}, {zone})"))
    }

    /// The groups that are asked about: of what was said of a person the latest counts.
    pub(super) fn groups_stage(&mut self, columns: &[Column]) -> String {
        let (site, only) = (self.site(), self.is_asked("contact_id"));
        let (mut states, mut merges) = (String::new(), Vec::new());
        let (mut groups, mut given) = (Vec::new(), Vec::new());
        for (index, answer) in self.plan.answers.iter().enumerate() {
            let Some(leaf @ Leaf::Group(group)) = self.plan.leaves.get(answer.leaf) else {
                continue;
            };
            debug_assert_eq!(from(leaf), From::Groups);
            let id = self.params.bind(Param::Text(group.clone()));
            states +=
                &format!(",\n    argMaxIfState(is_in, (ts, is_in), group_id = {id}) AS s{index}");
            merges.push(format!("argMaxIfMerge(s{index}) AS m{index}"));
            groups.push(group.clone());
            given.push((format!("a{index}"), format!("toUInt8(m{index})")));
        }
        let groups = self.params.bind(Param::Texts(groups));
        let owners = format!(
            "  SELECT contact_id AS owner{states}\n  FROM group_members WHERE site = {site}{only} AND group_id IN {groups}\n  \
             GROUP BY owner\n"
        );
        let folded = self.folded_owners(&owners, &merges, "");
        let outer = selected(columns, &given);
        let must = self.must(&given).map(|must| format!("WHERE {must}\n"));
        let must = must.unwrap_or_default();
        format!("SELECT person{outer} FROM (\n{folded})\n{must}")
    }
}

/// The month times 100 and the day.
fn day_of_year(date: &str) -> String {
    format!("toInt32(toMonth({date})) * 100 + toDayOfMonth({date})")
}
