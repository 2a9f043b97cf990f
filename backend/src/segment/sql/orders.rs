//! Orders: of each the shop's row, and without one the pixel's.

use super::{Sql, and};
use std::collections::BTreeSet;

/// What one of a currency is in units of a rate.
const RATE_ONE: &str = "100000000";

impl Sql<'_> {
    /// `FROM` and `WHERE` of the orders that count, their money in the site's currency.
    ///
    /// Of each row its last version counts, and the shop's row replaces the pixel's but for the
    /// buyer where it names none.
    pub(super) fn order_rows(&mut self, asked: &str) -> String {
        let (site, before) = (self.site(), self.before_as_of());
        let only = self.orders_asked(&site);
        let drawn = match self.plan.one_in {
            1 => String::new(),
            _ => self.is_asked("buyer"),
        };
        let read: Vec<&str> = self.order_columns.iter().copied().collect();
        let mut columns = BTreeSet::from(["ts", "cancelled"]);
        columns.extend(read.iter().flat_map(|column| needed(column)));
        // Of `NULL` the engine would take no notice.
        let latest = columns.iter().map(|column| match *column {
            "value_cents" | "net_cents" => {
                format!("argMax(tuple({column}), place) AS `last.{column}`")
            }
            column => format!("argMax(`{column}`, place) AS `last.{column}`"),
        });
        let latest: Vec<String> = latest.collect();
        let row = |column: &str| match column {
            "value_cents" | "net_cents" => format!("`last.{column}`.1"),
            column => format!("`last.{column}`"),
        };
        let mut given = vec![
            format!("{} AS ts", row("ts")),
            format!("{} AS cancelled", row("cancelled")),
            "if(named != 0, named, pixel) AS buyer".to_owned(),
        ];
        let currency = self.currency();
        let is_own = format!(
            "({} = '' OR {} = {})",
            row("currency"),
            super::filter::fold(&row("currency")),
            super::filter::fold(&currency)
        );
        let money = |cents: &str| {
            let exact = format!("(toInt128({cents}) * {} + 50000000)", row("rate_e8"));
            format!(
                "multiIf(isNull({cents}), NULL, {is_own}, toInt128({cents}), {rate} = 0, NULL, \
                 intDiv({exact}, {RATE_ONE}) - toInt128({exact} < 0 AND {exact} % {RATE_ONE} != 0))",
                rate = row("rate_e8"),
            )
        };
        for column in &read {
            let value = match *column {
                // It is what the rows are grouped by.
                "order_id" => continue,
                "value_cents" => money(&row("value_cents")),
                "net_cents" => {
                    let back = row("returns.value_cents");
                    money(&format!(
                        "ifNull(toInt128({}), toInt128({}) - arraySum(arrayMap(r -> toInt128(ifNull(r, 0)), {back})))",
                        row("net_cents"),
                        row("value_cents"),
                    ))
                }
                "items.value_cents" => format!(
                    "arrayMap((p, q) -> {}, {}, {})",
                    money("toInt128(p) * q"),
                    row("items.price_cents"),
                    row("items.quantity")
                ),
                "returns" => format!("length({})", row("returns.value_cents")),
                "items.price_cents" => format!(
                    "arrayMap(p -> {}, {})",
                    money("p"),
                    row("items.price_cents")
                ),
                column => row(column),
            };
            given.push(format!("{value} AS `{column}`"));
        }
        format!(
            "FROM (\n    SELECT order_id, {}\n    FROM (\n      \
             WITH toUInt128(version) + bitShiftLeft(toUInt128(is_feed), 64) AS place\n      \
             SELECT order_id, {},\n        argMax(if(contact_id != 0, contact_id, visitor_id), place) AS named,\n        \
             argMaxIf(visitor_id, version, NOT is_feed) AS pixel\n      \
             FROM orders WHERE site = {site}{only} GROUP BY order_id\n    )\n  )\n  \
             WHERE NOT cancelled AND buyer != 0 AND {before}{drawn}{}",
            given.join(",\n      "),
            latest.join(",\n        "),
            and(asked)
        )
    }

    /// That an order is of those who matter, by some row of it; nothing where everyone does.
    fn orders_asked(&mut self, site: &str) -> String {
        if self.plan.only.is_none() {
            return String::new();
        }
        let (visitor, contact) = (self.is_asked("visitor_id"), self.is_asked("contact_id"));
        let of = |only: &str| format!("SELECT order_id FROM orders WHERE site = {site}{only}");
        format!(
            " AND order_id IN ({} UNION ALL {})",
            of(&visitor),
            of(&contact)
        )
    }

    /// A column of orders, as one that is read.
    pub(super) fn order_column(&mut self, column: &'static str) -> String {
        self.order_columns.insert(column);
        format!("`{column}`")
    }
}

/// The table's columns that a column is made of.
fn needed<'c>(column: &'c &'static str) -> &'c [&'static str] {
    match *column {
        "order_id" => &[],
        "value_cents" => &["value_cents", "currency", "rate_e8"],
        "items.price_cents" => &["items.price_cents", "currency", "rate_e8"],
        "items.value_cents" => &["items.price_cents", "items.quantity", "currency", "rate_e8"],
        "net_cents" => &[
            "net_cents",
            "value_cents",
            "returns.value_cents",
            "currency",
            "rate_e8",
        ],
        "returns" => &["returns.value_cents"],
        _ => std::slice::from_ref(column),
    }
}
