//! Orders: of each the shop's row, and without one the pixel's.
//!
//! They lie by their ids, of each the pixel's row before the shop's: so the last row of an order is
//! the one that counts, and the one before it is the pixel's. That takes half the time of gathering
//! the rows of each order.

use super::{AMONG_GATE, Sql, and};
use std::collections::BTreeSet;

/// What one of a currency is in units of a rate.
const RATE_ONE: &str = "100000000";

impl Sql<'_> {
    /// `FROM` and `WHERE` of the orders that count, their money in the site's currency.
    ///
    /// The shop's row replaces the pixel's but for the buyer where it names none.
    pub(super) fn order_rows(&mut self, asked: &str) -> String {
        let (site, before) = (self.site(), self.before_as_of());
        let only = self.orders_asked(&site);
        let theirs = match self.plan.one_in {
            1 if self.gate.is_some() => format!(" AND buyer {AMONG_GATE}"),
            1 => String::new(),
            _ => self.is_asked("buyer"),
        };
        let read: Vec<&str> = self.order_columns.iter().copied().collect();
        let mut columns = BTreeSet::from(["ts", "cancelled"]);
        columns.extend(read.iter().flat_map(|column| needed(column)));
        let last = columns.iter();
        let last: Vec<String> = last
            .map(|column| format!("`{column}` AS `last.{column}`"))
            .collect();
        let row = |column: &str| format!("`last.{column}`");
        let mut given = vec![
            format!("{} AS ts", row("ts")),
            format!("{} AS cancelled", row("cancelled")),
            "multiIf(named != 0, named, before = order_id, visitor_before, 0) AS buyer".to_owned(),
        ];
        let currency = self.currency();
        let is_own = format!(
            "({} = '' OR {} = {})",
            row("currency"),
            super::filter::fold(&row("currency")),
            super::filter::fold(&currency)
        );
        let money = |cents: &str| converted(cents, &row("rate_e8"), &is_own);
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
             SELECT order_id, {},\n        if(contact_id != 0, contact_id, visitor_id) AS named,\n        \
             leadInFrame(order_id) OVER orders AS after,\n        \
             lagInFrame(order_id) OVER orders AS before,\n        \
             lagInFrame(visitor_id) OVER orders AS visitor_before\n      \
             FROM orders FINAL WHERE site = {site}{only}\n      \
             WINDOW orders AS (ORDER BY site, order_id, is_feed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)\n    \
             )\n    WHERE after != order_id\n  )\n  \
             WHERE NOT cancelled AND buyer != 0 AND {before}{theirs}{}",
            given.join(",\n      "),
            last.join(",\n        "),
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

/// Cents in the site's currency: those that are in it, or by the rate of the order, half a cent up;
/// nothing where it states none.
#[must_use]
pub fn converted(cents: &str, rate: &str, is_own: &str) -> String {
    let exact = format!("(toInt128({cents}) * {rate} + 50000000)");
    format!(
        "multiIf(isNull({cents}), NULL, {is_own}, toInt128({cents}), {rate} = 0, NULL, \
         intDiv({exact}, {RATE_ONE}) - toInt128({exact} < 0 AND {exact} % {RATE_ONE} != 0))"
    )
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
