//! The SQL of each kind of leaf.

use super::engine;
use crate::segment::{Question, Statement, members, parse};
use expect_test::{Expect, expect};
use jiff::civil::Weekday;
use serde_json::{Value, json};

pub(super) const AS_OF_MS: i64 = 1_795_255_200_000;

pub(super) fn statement(definition: &Value) -> Statement {
    let settings = engine::settings("Asia/Jerusalem", Weekday::Sunday);
    let question = Question {
        site: "shop",
        settings: &settings,
        known: &engine::KNOWN,
        as_of_ms: AS_OF_MS,
    };
    members(&parse(definition).unwrap(), &question, None, 100).unwrap()
}

fn check(definition: &Value, expected: Expect) {
    let statement = statement(definition);
    let params = statement
        .params
        .iter()
        .map(|(name, value)| format!("-- {name}: {value:?}\n"));
    expected.assert_eq(&format!(
        "{}\n{}",
        statement.text,
        params.collect::<String>()
    ));
}

#[test]
fn count_of_one_type_in_a_window() {
    check(
        &json!({
            "kind": "event", "event": "view_item", "compare": {"gte": 3},
            "where": [{"field": "category", "op": "eq", "value": "נעליים"}],
            "window": {"last": {"n": 7, "unit": "day"}},
        }),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 >= {p1:Int64}, false))) AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, sum(s0) AS m0 FROM (
              WITH
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(category))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String}))) AS e1,
                e0 = e1 AS e2
              SELECT visitor_id AS owner,
                countIf(e2) AS s0
              FROM events PREWHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p3:Array(String)} AND (ts >= fromUnixTimestamp64Milli({p5:Int64}) AND ts < fromUnixTimestamp64Milli({p4:Int64})) WHERE (e2)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p2:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0
            )
            WHERE a0
            ORDER BY person
            LIMIT {p6:UInt64}
            -- p0: Text("נעליים")
            -- p1: Int(3)
            -- p2: Text("shop")
            -- p3: Texts(["view_item"])
            -- p4: Int(1795255200000)
            -- p5: Int(1794650400000)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn the_negative_reads_everyone() {
    check(
        &json!({"not": {"kind": "event", "event": ["purchase", "refund"]}}),
        expect![[r#"
            SELECT person FROM (
            SELECT person, max(a0) AS a0 FROM (
            SELECT person,
              toUInt8((ifNull(m0 >= {p1:Int64}, false))) AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, sum(s0) AS m0 FROM (
              WITH
                type IN {p0:Array(String)} AS e0
              SELECT visitor_id AS owner,
                countIf(e0) AS s0
              FROM events PREWHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND ts < fromUnixTimestamp64Milli({p3:Int64})
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p2:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            UNION ALL
            SELECT person,
              0 AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person FROM (
              SELECT buyer AS owner
              FROM (
                SELECT order_id, `last.ts` AS ts,
                  `last.cancelled` AS cancelled,
                  multiIf(named != 0, named, before = order_id, visitor_before, 0) AS buyer
                FROM (
                  SELECT order_id, `cancelled` AS `last.cancelled`,
                    `ts` AS `last.ts`,
                    if(contact_id != 0, contact_id, visitor_id) AS named,
                    leadInFrame(order_id) OVER orders AS after,
                    lagInFrame(order_id) OVER orders AS before,
                    lagInFrame(visitor_id) OVER orders AS visitor_before
                  FROM orders FINAL WHERE site = {p2:String}
                  WINDOW orders AS (ORDER BY site, order_id, is_feed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
                )
                WHERE after != order_id
              )
              WHERE NOT cancelled AND buyer != 0 AND ts < fromUnixTimestamp64Milli({p3:Int64})
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p2:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            UNION ALL
            SELECT DISTINCT person,
              0 AS a0 FROM identities FINAL
            WHERE site = {p2:String} AND kind != 'visitor'
            )
            GROUP BY person
            )
            WHERE NOT a0
            ORDER BY person
            LIMIT {p5:UInt64}
            -- p0: Texts(["purchase", "refund"])
            -- p1: Int(1)
            -- p2: Text("shop")
            -- p3: Int(1795255200000)
            -- p4: Text("ILS")
            -- p5: Id(100)
        "#]],
    );
}

#[test]
fn equal_leaves_are_one_and_windows_are_pruned_to() {
    let visits = |compare: Value, n: i64| {
        json!({
            "kind": "event", "event": "any", "measure": "visits", "compare": compare,
            "window": {"last": {"n": n, "unit": "day"}},
        })
    };
    check(
        &json!({"all": [
            visits(json!({"gte": 2}), 30), {"any": [visits(json!({"lt": 5}), 30), visits(json!({"eq": 1.5}), 7)]},
        ]}),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 >= {p0:Int64}, false))) AS a0,
              toUInt8(NOT (ifNull(m0 < {p1:Int64}, false))) AS a1,
              toUInt8((ifNull(m1 = {p4:Float64}, false))) AS a2 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, sum(s0) AS m0, sum(s1) AS m1 FROM (
              WITH
                is_session_start AS e0,
                ts >= fromUnixTimestamp64Milli({p3:Int64}) AND ts < fromUnixTimestamp64Milli({p2:Int64}) AND is_session_start AS e1
              SELECT visitor_id AS owner,
                countIf(e0) AS s0,
                countIf(e1) AS s1
              FROM events PREWHERE site = {p5:String} AND NOT bot AND NOT machine AND NOT staff AND (ts >= fromUnixTimestamp64Milli({p6:Int64}) AND ts < fromUnixTimestamp64Milli({p2:Int64})) WHERE (e0 OR e0 OR e1)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p5:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0
            )
            WHERE (a0 AND (NOT a1 OR a2))
            ORDER BY person
            LIMIT {p7:UInt64}
            -- p0: Int(2)
            -- p1: Int(5)
            -- p2: Int(1795255200000)
            -- p3: Int(1794650400000)
            -- p4: Float(1.5)
            -- p5: Text("shop")
            -- p6: Int(1792659600000)
            -- p7: Id(100)
        "#]],
    );
}

#[test]
fn days_dwell_and_averages() {
    let dwell = |measure: Value| {
        json!({
            "kind": "event", "event": "dwell", "measure": measure,
            "where": [{"field": "path", "op": "matches_path", "value": "/shoes/**"}],
        })
    };
    check(
        &json!({"any": [
            dwell(json!("days")), dwell(json!({"sum": "dwell_ms"})), dwell(json!({"avg": "scroll_percent"})),
        ]}),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 >= {p2:Int64}, false))) AS a0,
              toUInt8((ifNull(m1 >= {p2:Int64}, false))) AS a1,
              toUInt8((ifNull(m2 >= {p3:Float64}, false))) AS a2 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, uniqUpToIfMerge(1)(s0) AS m0, sum(s1) AS m1, avgOrNullIfMerge(s2) AS m2 FROM (
              WITH
                if(isValidASCII(path), lower(path), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(path)))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String}))) AS e1,
                match(e0, concat('\\A', regexpQuoteMeta(e1), '[\\s\\S]*', '\\z')) AS e2
              SELECT visitor_id AS owner,
                uniqUpToIfState(1)(toDate(ts, {p1:String}), e2) AS s0,
                sumIf(toInt128(ifNull(dwell_ms, 0)), e2 AND isNotNull(dwell_ms)) AS s1,
                avgOrNullIfState(toInt128(ifNull(scroll_percent, 0)), e2 AND isNotNull(scroll_percent)) AS s2
              FROM events PREWHERE site = {p4:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p5:Array(String)} AND (ts < fromUnixTimestamp64Milli({p6:Int64})) WHERE (e2 OR e2 OR e2)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p4:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0 OR a1 OR a2
            )
            WHERE (a0 OR a1 OR a2)
            ORDER BY person
            LIMIT {p7:UInt64}
            -- p0: Text("/shoes/")
            -- p1: Text("Asia/Jerusalem")
            -- p2: Int(1)
            -- p3: Float(1.0)
            -- p4: Text("shop")
            -- p5: Texts(["dwell"])
            -- p6: Int(1795255200000)
            -- p7: Id(100)
        "#]],
    );
}

#[test]
fn items_meet_on_one_item() {
    check(
        &json!({
            "kind": "event", "event": "purchase", "measure": {"sum": "items.value_cents"},
            "compare": {"gt": 30000},
            "where": [
                {"field": "items.category", "op": "in", "value": ["shoes", "boots"]},
                {"field": "items.price_cents", "op": "gte", "value": 1000},
                {"field": "items.brand", "op": "ne", "value": "none"},
            ],
        }),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 > {p5:Int64}, false))) AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, sumArrayIfMerge(s0) AS m0 FROM (
              WITH
                (currency = '' OR normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p2:String})))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p4:String}))) AS e1,
                arrayExists((item_category, item_price_cents) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) IN (normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String}))), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p1:String})))) AND ifNull(if(e0, item_price_cents, NULL) >= {p3:Int64}, false), `items.category`, `items.price_cents`) AND NOT arrayExists((item_brand) -> if(isValidASCII(item_brand), lower(item_brand), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_brand)))) = e1, `items.brand`) AS e2
              SELECT visitor_id AS owner,
                sumArrayIfState(arrayFilter((v, item_category, item_quantity, item_price_cents) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) IN (normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String}))), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p1:String})))) AND ifNull(if(e0, item_price_cents, NULL) >= {p3:Int64}, false) AND isNotNull(item_price_cents) AND e0, arrayMap((p, q) -> toInt128(ifNull(p, 0)) * q, `items.price_cents`, `items.quantity`), `items.category`, `items.quantity`, `items.price_cents`), e2) AS s0
              FROM events PREWHERE site = {p6:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p7:Array(String)} AND (ts < fromUnixTimestamp64Milli({p8:Int64})) WHERE (e2)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p6:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0
            )
            WHERE a0
            ORDER BY person
            LIMIT {p9:UInt64}
            -- p0: Text("boots")
            -- p1: Text("shoes")
            -- p2: Text("ILS")
            -- p3: Int(1000)
            -- p4: Text("none")
            -- p5: Int(30000)
            -- p6: Text("shop")
            -- p7: Texts(["purchase"])
            -- p8: Int(1795255200000)
            -- p9: Id(100)
        "#]],
    );
}

#[test]
fn groups_by_session_and_by_product() {
    let leaf = |per: &str, measure: Value| json!({"kind": "event", "event": "add_to_cart", "per": per, "measure": measure});
    check(
        &json!({"all": [
            leaf("session", json!("count")), leaf("product", json!({"distinct": "items.brand"})),
        ]}),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((arrayExists(v -> ifNull(v >= {p0:Int64}, false), arrayMap((b, a) -> b + a - 1, arrayEnumerateUniq(m0), arrayReverse(arrayEnumerateUniq(arrayReverse(m0))))))) AS a0,
              toUInt8((arrayExists(v -> ifNull(v >= {p0:Int64}, false), mapValues(m1)))) AS a1 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, groupArrayArrayIfMerge(s0) AS m0, uniqUpToArrayMapIfMerge(1)(s1) AS m1 FROM (
              WITH
                arrayDistinct(arrayMap(k -> if(isValidASCII(k), lower(k), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(k)))), arrayFilter(k -> k != '', arrayPushBack(`items.id`, product)))) AS e0
              SELECT visitor_id AS owner,
                groupArrayArrayIfState([session_id], true) AS s0,
                uniqUpToArrayMapIfState(1)(mapFromArrays(e0, arrayMap(k -> arrayFilter((v, item_id, item_brand) -> if(isValidASCII(item_id), lower(item_id), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_id)))) = k AND item_brand != '', arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), `items.brand`), `items.id`, `items.brand`), e0)), true) AS s1
              FROM events PREWHERE site = {p1:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p2:Array(String)} AND (ts < fromUnixTimestamp64Milli({p3:Int64}))
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p1:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0 AND a1
            )
            WHERE (a0 AND a1)
            ORDER BY person
            LIMIT {p4:UInt64}
            -- p0: Int(1)
            -- p1: Text("shop")
            -- p2: Texts(["add_to_cart"])
            -- p3: Int(1795255200000)
            -- p4: Id(100)
        "#]],
    );
}

#[test]
fn since_looks_back_first() {
    check(
        &json!({
            "kind": "event", "event": "page_view",
            "window": {"since": {"kind": "event", "event": "purchase"}},
        }),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              (ifNull(arrayReduce('count', arrayMap(t -> t.2, arrayFilter(t -> z0 > toInt64(-9223372036854775808) AND t.1 > z0, f0))) >= {p5:Int64}, false)) AS a0 FROM (
            SELECT person,
              ifNull(m0, toInt64(-9223372036854775808)) AS z0,
              m1 AS f0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, max(s0) AS m0, groupArrayIfMerge(s1) AS m1 FROM (
              WITH
                type IN {p0:Array(String)} AND ts < fromUnixTimestamp64Milli({p1:Int64}) AS e0,
                type IN {p2:Array(String)} AS e1
              SELECT visitor_id AS owner,
                maxOrNullIf(toUnixTimestamp64Milli(ts), e0) AS s0,
                groupArrayIfState((toUnixTimestamp64Milli(ts), 1), e1) AS s1
              FROM events PREWHERE site = {p3:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p4:Array(String)} AND (ts < fromUnixTimestamp64Milli({p1:Int64})) WHERE (e0 OR e1)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p3:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            )
            )
            WHERE a0
            ORDER BY person
            LIMIT {p6:UInt64}
            -- p0: Texts(["purchase"])
            -- p1: Int(1795255200000)
            -- p2: Texts(["page_view"])
            -- p3: Text("shop")
            -- p4: Texts(["page_view", "purchase"])
            -- p5: Int(1)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn properties_and_money_of_other_currencies() {
    check(
        &json!({
            "kind": "event", "event": "custom", "measure": {"max": "value_cents"}, "where": [
                {"field": "props.צבע", "op": "contains", "value": "כחול"},
                {"field": "currency", "op": "ne", "value": "usd"},
            ],
        }),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 >= {p4:Int64}, false))) AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, max(s0) AS m0 FROM (
              WITH
                getSubcolumn(props, {p0:String}) AS e0,
                if(startsWith(dynamicType(e0), 'Array'), '', toString(e0)) AS e1,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(e1))) AS e2,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p1:String}))) AS e3,
                if(currency = '', {p2:String}, currency) AS e4,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(e4))) AS e5,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String}))) AS e6,
                position(e2, e3) > 0 AND NOT (e5 = e6) AS e7,
                (currency = '' OR normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p2:String})))) AS e8,
                if(e8, value_cents, NULL) AS e9
              SELECT visitor_id AS owner,
                maxOrNullIf(toInt128(ifNull(e9, 0)), e7 AND isNotNull(e9)) AS s0
              FROM events PREWHERE site = {p5:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p6:Array(String)} AND (ts < fromUnixTimestamp64Milli({p7:Int64})) WHERE (e7)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p5:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0
            )
            WHERE a0
            ORDER BY person
            LIMIT {p8:UInt64}
            -- p0: Text("צבע")
            -- p1: Text("כחול")
            -- p2: Text("ILS")
            -- p3: Text("usd")
            -- p4: Int(1)
            -- p5: Text("shop")
            -- p6: Texts(["custom"])
            -- p7: Int(1795255200000)
            -- p8: Id(100)
        "#]],
    );
}

#[test]
fn orders_are_the_shops_before_the_pixels() {
    check(
        &json!({
            "kind": "order", "measure": {"sum": "net_cents"}, "compare": {"gt": 50000},
            "where": [{"field": "coupons", "op": "eq", "value": "SUMMER"},
                      {"field": "items.category", "op": "ne", "value": "shoes"}],
            "window": {"last": {"n": 1, "unit": "year"}},
        }),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 > {p4:Int64}, false))) AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, sum(s0) AS m0 FROM (
              WITH
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p2:String}))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String}))) AS e1,
                ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND arrayExists(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))) = e0, `coupons`) AND NOT arrayExists((item_category) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) = e1, `items.category`) AS e2
              SELECT buyer AS owner,
                sumIf(toInt128(ifNull(`net_cents`, 0)), e2 AND isNotNull(`net_cents`)) AS s0
              FROM (
                SELECT order_id, `last.ts` AS ts,
                  `last.cancelled` AS cancelled,
                  multiIf(named != 0, named, before = order_id, visitor_before, 0) AS buyer,
                  `last.coupons` AS `coupons`,
                  `last.items.category` AS `items.category`,
                  multiIf(isNull(ifNull(toInt128(`last.net_cents`), toInt128(`last.value_cents`) - arraySum(arrayMap(r -> toInt128(ifNull(r, 0)), `last.returns.value_cents`)))), NULL, (`last.currency` = '' OR normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(`last.currency`))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p6:String})))), toInt128(ifNull(toInt128(`last.net_cents`), toInt128(`last.value_cents`) - arraySum(arrayMap(r -> toInt128(ifNull(r, 0)), `last.returns.value_cents`)))), `last.rate_e8` = 0, NULL, intDiv((toInt128(ifNull(toInt128(`last.net_cents`), toInt128(`last.value_cents`) - arraySum(arrayMap(r -> toInt128(ifNull(r, 0)), `last.returns.value_cents`)))) * `last.rate_e8` + 50000000), 100000000) - toInt128((toInt128(ifNull(toInt128(`last.net_cents`), toInt128(`last.value_cents`) - arraySum(arrayMap(r -> toInt128(ifNull(r, 0)), `last.returns.value_cents`)))) * `last.rate_e8` + 50000000) < 0 AND (toInt128(ifNull(toInt128(`last.net_cents`), toInt128(`last.value_cents`) - arraySum(arrayMap(r -> toInt128(ifNull(r, 0)), `last.returns.value_cents`)))) * `last.rate_e8` + 50000000) % 100000000 != 0)) AS `net_cents`
                FROM (
                  SELECT order_id, `cancelled` AS `last.cancelled`,
                    `coupons` AS `last.coupons`,
                    `currency` AS `last.currency`,
                    `items.category` AS `last.items.category`,
                    `net_cents` AS `last.net_cents`,
                    `rate_e8` AS `last.rate_e8`,
                    `returns.value_cents` AS `last.returns.value_cents`,
                    `ts` AS `last.ts`,
                    `value_cents` AS `last.value_cents`,
                    if(contact_id != 0, contact_id, visitor_id) AS named,
                    leadInFrame(order_id) OVER orders AS after,
                    lagInFrame(order_id) OVER orders AS before,
                    lagInFrame(visitor_id) OVER orders AS visitor_before
                  FROM orders FINAL WHERE site = {p5:String}
                  WINDOW orders AS (ORDER BY site, order_id, is_feed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
                )
                WHERE after != order_id
              )
              WHERE NOT cancelled AND buyer != 0 AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND (e2)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p5:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0
            )
            WHERE a0
            ORDER BY person
            LIMIT {p7:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Int(1763719200000)
            -- p2: Text("SUMMER")
            -- p3: Text("shoes")
            -- p4: Int(50000)
            -- p5: Text("shop")
            -- p6: Text("ILS")
            -- p7: Id(100)
        "#]],
    );
}

#[test]
fn the_newest_message_is_known_at_last() {
    check(
        &json!({"kind": "message", "channel": "mail", "event": "opened", "latest": true}),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              (ifNull(arrayReduce('count', arrayMap(t -> t.2, arrayFilter(t -> true AND n0.1 > toInt64(-9223372036854775808) AND t.2 = n0.3, f0))) >= {p5:Int64}, false)) AS a0 FROM (
            SELECT person,
              m0 AS f0,
              arrayMax(arrayPushBack(m1, (toInt64(-9223372036854775808), toUInt128(0), ''))) AS n0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, groupArrayIfMerge(s0) AS m0, groupArrayIfMerge(s1) AS m1 FROM (
              WITH
                channel = {p1:String} AND event IN {p0:Array(String)} AS e0,
                event = {p2:String} AND channel = {p1:String} AND ts < fromUnixTimestamp64Milli({p3:Int64}) AS e1
              SELECT contact_id AS owner,
                groupArrayIfState((toUnixTimestamp64Milli(ts), message_id), e0) AS s0,
                groupArrayIfState((toUnixTimestamp64Milli(ts), toUInt128(id), message_id), e1) AS s1
              FROM messages WHERE site = {p4:String} AND NOT machine AND ts < fromUnixTimestamp64Milli({p3:Int64}) AND (e0 OR e1)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p4:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            )
            )
            WHERE a0
            ORDER BY person
            LIMIT {p6:UInt64}
            -- p0: Texts(["opened"])
            -- p1: Text("mail")
            -- p2: Text("sent")
            -- p3: Int(1795255200000)
            -- p4: Text("shop")
            -- p5: Int(1)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn contacts_and_groups_are_as_now() {
    check(
        &json!({"all": [
            {"kind": "contact", "field": "city", "op": "in", "value": ["Givatayim", "גבעתיים"]},
            {"kind": "contact", "field": "birthday", "op": "anniversary_in", "window": {"next": {"n": 2, "unit": "day"}}},
            {"not": {"kind": "group", "group": "vip"}},
        ]}),
        expect![[r#"
            SELECT person FROM (
            SELECT person, max(a0) AS a0, max(a1) AS a1, max(a2) AS a2 FROM (
            WITH
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(`city`))) AS e0
              SELECT contact_id AS person,
              toUInt8(e0 IN (normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p0:String}))), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p1:String}))))) AS a0,
              toUInt8(ifNull(toInt32(toMonth(`birthday`)) * 100 + toDayOfMonth(`birthday`) IN {p2:Array(Int128)}, false)) AS a1,
              0 AS a2 FROM contacts FINAL
            WHERE site = {p3:String} AND NOT gone AND a0 AND a1
            UNION ALL
            SELECT person,
              0 AS a0,
              0 AS a1,
              toUInt8(m2) AS a2 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, argMaxIfMerge(s2) AS m2 FROM (
              SELECT contact_id AS owner,
                argMaxIfState(is_in, (ts, is_in), group_id = {p4:String}) AS s2
              FROM group_members WHERE site = {p3:String} AND group_id IN {p5:Array(String)}
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p3:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            )
            GROUP BY person
            )
            WHERE (a0 AND a1 AND NOT a2)
            ORDER BY person
            LIMIT {p6:UInt64}
            -- p0: Text("Givatayim")
            -- p1: Text("גבעתיים")
            -- p2: Ints([1121, 1122])
            -- p3: Text("shop")
            -- p4: Text("vip")
            -- p5: Texts(["vip"])
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn the_latest_of_all_lies_in_the_window() {
    check(
        &json!({"kind": "last", "of": {"kind": "order"}, "window": {"between_ago": [{"n": 1, "unit": "month"}, {"n": 3, "unit": "month"}]}}),
        expect![[r#"
            SELECT person FROM (
            SELECT person,
              toUInt8((ifNull(m0 >= {p1:Int64}, false) AND ifNull(m0 < {p2:Int64}, false))) AS a0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, max(s0) AS m0 FROM (
              WITH
                ts < fromUnixTimestamp64Milli({p0:Int64}) AS e0
              SELECT buyer AS owner,
                maxOrNullIf(toUnixTimestamp64Milli(ts), e0) AS s0
              FROM (
                SELECT order_id, `last.ts` AS ts,
                  `last.cancelled` AS cancelled,
                  multiIf(named != 0, named, before = order_id, visitor_before, 0) AS buyer
                FROM (
                  SELECT order_id, `cancelled` AS `last.cancelled`,
                    `ts` AS `last.ts`,
                    if(contact_id != 0, contact_id, visitor_id) AS named,
                    leadInFrame(order_id) OVER orders AS after,
                    lagInFrame(order_id) OVER orders AS before,
                    lagInFrame(visitor_id) OVER orders AS visitor_before
                  FROM orders FINAL WHERE site = {p3:String}
                  WINDOW orders AS (ORDER BY site, order_id, is_feed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
                )
                WHERE after != order_id
              )
              WHERE NOT cancelled AND buyer != 0 AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND (e0)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p3:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            WHERE a0
            )
            WHERE a0
            ORDER BY person
            LIMIT {p5:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Int(1787302800000)
            -- p2: Int(1792573200000)
            -- p3: Text("shop")
            -- p4: Text("ILS")
            -- p5: Id(100)
        "#]],
    );
}

#[test]
fn a_cart_is_worked_out_of_all_that_was_done() {
    check(
        &json!({"kind": "cart", "state": "abandoned", "window": {"last": {"n": 1, "unit": "month"}},
                "where": [{"field": "items.category", "op": "eq", "value": "shoes"}]}),
        expect![[r#"
            SELECT person FROM (
            WITH
                arrayMax(t -> t.1, f0) AS e0,
                arraySort(arrayFilter(t -> t.1 > emptied, f0)) AS e1,
                arrayFilter(x -> x.1 > 0, arrayMap(o -> (arrayElement(arrayCumSum(arrayMap(t -> t.7, o)), -1) - least(0, arrayMin(arrayCumSum(arrayMap(t -> t.7, o)))), arrayLast(t -> t.12, o)), arrayMap(k -> arrayFilter(t -> t.6 = k, e1), arrayFilter(k -> k != '', arrayDistinct(arrayMap(t -> t.6, e1)))))) AS e2,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p8:String}))) AS e3
              SELECT person,
              ((notEmpty(f0) AND e0 < {p6:Int64} AND e0 < {p1:Int64} AND true AND e0 >= {p7:Int64} AND arrayExists((item_category) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) = e3, arrayMap(x -> x.2.9, e2)))) AS a0 FROM (
            SELECT person, groupArrayArray(f0) AS f0, max(emptied) AS emptied FROM (
            SELECT person,
              m0 AS f0,
              toInt64(-9223372036854775808) AS emptied FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, groupArrayArrayIfMerge(s0) AS m0 FROM (
              WITH
                type IN {p0:Array(String)} AND ts < fromUnixTimestamp64Milli({p1:Int64}) AS e0,
                (currency = '' OR normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))) AS e1
              SELECT visitor_id AS owner,
                groupArrayArrayIfState(arrayPushBack(arrayMap((n, i, name, category, brand, p, q) -> (toUnixTimestamp64Milli(ts), tab_id, seq, toUInt128(event_id), n, if(isValidASCII(i), lower(i), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(i)))), if(type = {p2:String}, 1, -1) * toInt64(q), name, category, brand, if(e1, p, NULL), type = {p2:String}), arrayEnumerate(`items.id`), `items.id`, `items.name`, `items.category`, `items.brand`, `items.price_cents`, `items.quantity`), (toUnixTimestamp64Milli(ts), tab_id, seq, toUInt128(event_id), toUInt32(0), '', toInt64(0), '', '', '', NULL, false)), e0) AS s0
              FROM events PREWHERE site = {p4:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p0:Array(String)} AND (ts < fromUnixTimestamp64Milli({p1:Int64})) WHERE (e0)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p4:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            UNION ALL
            SELECT person,
              [] AS f0,
              ifNull(m0, toInt64(-9223372036854775808)) AS emptied FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, max(s0) AS m0 FROM (
              WITH
                `channel` = {p5:String} AND ts < fromUnixTimestamp64Milli({p1:Int64}) AS e0
              SELECT buyer AS owner,
                maxOrNullIf(toUnixTimestamp64Milli(ts), e0) AS s0
              FROM (
                SELECT order_id, `last.ts` AS ts,
                  `last.cancelled` AS cancelled,
                  multiIf(named != 0, named, before = order_id, visitor_before, 0) AS buyer,
                  `last.channel` AS `channel`
                FROM (
                  SELECT order_id, `cancelled` AS `last.cancelled`,
                    `channel` AS `last.channel`,
                    `ts` AS `last.ts`,
                    if(contact_id != 0, contact_id, visitor_id) AS named,
                    leadInFrame(order_id) OVER orders AS after,
                    lagInFrame(order_id) OVER orders AS before,
                    lagInFrame(visitor_id) OVER orders AS visitor_before
                  FROM orders FINAL WHERE site = {p4:String}
                  WINDOW orders AS (ORDER BY site, order_id, is_feed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
                )
                WHERE after != order_id
              )
              WHERE NOT cancelled AND buyer != 0 AND ts < fromUnixTimestamp64Milli({p1:Int64}) AND (e0)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p4:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            )
            GROUP BY person
            )
            )
            WHERE a0
            ORDER BY person
            LIMIT {p9:UInt64}
            -- p0: Texts(["add_to_cart", "remove_from_cart"])
            -- p1: Int(1795255200000)
            -- p2: Text("add_to_cart")
            -- p3: Text("ILS")
            -- p4: Text("shop")
            -- p5: Text("online")
            -- p6: Int(1795251600000)
            -- p7: Int(1792573200000)
            -- p8: Text("shoes")
            -- p9: Id(100)
        "#]],
    );
}

#[test]
fn a_sequence_goes_through_the_rows_once() {
    check(
        &json!({"kind": "sequence", "steps": [
            {"of": {"kind": "event", "event": "view_item"}},
            {"of": {"kind": "event", "event": "add_to_cart"}, "within": {"n": 1, "unit": "day"}, "same": ["product"]},
            {"of": {"kind": "order"}, "within": {"n": 3, "unit": "hour"}, "absent": true},
        ]}),
        expect![[r#"
            SELECT person FROM (
            WITH
                arraySort(arrayConcat(f0, g0)) AS e0,
                arrayMap(t -> (t.1, t.7, t.8, t.9, t.10), e0) AS e1
              SELECT person,
              ((arrayExists(r -> bitTest(r.2, 0), e1) AND arrayExists(r -> bitTest(r.2, 1), e1) AND arrayExists(p -> p.4 <= {p2:Int64}, tupleElement(arrayFold((a, r) -> tuple(if(bitTest(r.2, 0) AND r.1 < {p2:Int64} AND true, arrayPushBack(a.1, tuple(r.1, r.3, r.4, r.5)), a.1), if(bitTest(r.2, 1) AND r.1 < {p2:Int64} AND true AND arrayExists(p -> r.1 < p.3 AND (hasAny(r.3, p.2)), a.1), arrayPushBack(arrayFilter(p -> NOT ((bitTest(r.2, 2) AND r.1 < p.4)), a.2), tuple(r.1, r.3, r.4, r.5)), arrayFilter(p -> NOT ((bitTest(r.2, 2) AND r.1 < p.4)), a.2))), e1, tuple(CAST([], 'Array(Tuple(Int64, Array(UInt64), Int64, Int64))'), CAST([], 'Array(Tuple(Int64, Array(UInt64), Int64, Int64))'))), 2)))) AS a0 FROM (
            SELECT person, groupArrayArray(f0) AS f0, groupArrayArray(g0) AS g0 FROM (
            SELECT person,
              m0 AS f0,
              [] AS g0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, groupArrayIfMerge(s0) AS m0 FROM (
              WITH
                bitShiftLeft(toUInt64(ifNull(type IN {p0:Array(String)}, false)), 0) + bitShiftLeft(toUInt64(ifNull(type IN {p1:Array(String)}, false)), 1) AS e0,
                ts < fromUnixTimestamp64Milli({p2:Int64}) AND e0 != 0 AS e1,
                arrayDistinct(arrayMap(k -> if(isValidASCII(k), lower(k), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(k)))), arrayFilter(k -> k != '', arrayPushBack(`items.id`, product)))) AS e2,
                arrayMap(k -> sipHash64(k), e2) AS e3,
                toUnixTimestamp64Milli(ts) + transform(roundDown(toUnixTimestamp64Milli(ts), {p3:Array(Int64)}), {p3:Array(Int64)}, {p5:Array(Int64)}, toInt64(0)) AS e4,
                toUnixTimestamp64Milli(addDays(fromUnixTimestamp64Milli(e4, 'UTC'), 1)) AS e5,
                e5 - transform(roundDown(e5, {p4:Array(Int64)}), {p4:Array(Int64)}, {p5:Array(Int64)}, toInt64(0)) AS e6
              SELECT visitor_id AS owner,
                groupArrayIfState((toUnixTimestamp64Milli(ts), toUInt8(0), tab_id, toUInt32(seq), toUInt128(event_id), '', e0, e3, e6, toUnixTimestamp64Milli(ts) + 10800000), e1) AS s0
              FROM events PREWHERE site = {p6:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p7:Array(String)} AND (ts < fromUnixTimestamp64Milli({p2:Int64})) WHERE (e1)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p6:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            UNION ALL
            SELECT person,
              [] AS f0,
              m0 AS g0 FROM (
              SELECT if(links.person = 0, owner, links.person) AS person, groupArrayIfMerge(s0) AS m0 FROM (
              WITH
                bitShiftLeft(toUInt64(ifNull(true, false)), 2) AS e0,
                ts < fromUnixTimestamp64Milli({p2:Int64}) AND e0 != 0 AS e1,
                arrayDistinct(arrayMap(k -> if(isValidASCII(k), lower(k), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(k)))), arrayFilter(k -> k != '', `items.id`))) AS e2,
                arrayMap(k -> sipHash64(k), e2) AS e3,
                toUnixTimestamp64Milli(ts) + transform(roundDown(toUnixTimestamp64Milli(ts), {p3:Array(Int64)}), {p3:Array(Int64)}, {p5:Array(Int64)}, toInt64(0)) AS e4,
                toUnixTimestamp64Milli(addDays(fromUnixTimestamp64Milli(e4, 'UTC'), 1)) AS e5,
                e5 - transform(roundDown(e5, {p4:Array(Int64)}), {p4:Array(Int64)}, {p5:Array(Int64)}, toInt64(0)) AS e6
              SELECT buyer AS owner,
                groupArrayIfState((toUnixTimestamp64Milli(ts), toUInt8(1), toUInt64(0), toUInt32(0), toUInt128(0), order_id, e0, e3, e6, toUnixTimestamp64Milli(ts) + 10800000), e1) AS s0
              FROM (
                SELECT order_id, `last.ts` AS ts,
                  `last.cancelled` AS cancelled,
                  multiIf(named != 0, named, before = order_id, visitor_before, 0) AS buyer,
                  `last.items.id` AS `items.id`
                FROM (
                  SELECT order_id, `cancelled` AS `last.cancelled`,
                    `items.id` AS `last.items.id`,
                    `ts` AS `last.ts`,
                    if(contact_id != 0, contact_id, visitor_id) AS named,
                    leadInFrame(order_id) OVER orders AS after,
                    lagInFrame(order_id) OVER orders AS before,
                    lagInFrame(visitor_id) OVER orders AS visitor_before
                  FROM orders FINAL WHERE site = {p6:String}
                  WINDOW orders AS (ORDER BY site, order_id, is_feed ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
                )
                WHERE after != order_id
              )
              WHERE NOT cancelled AND buyer != 0 AND ts < fromUnixTimestamp64Milli({p2:Int64}) AND (e1)
              GROUP BY owner
              ) AS owners
              LEFT ANY JOIN (
                SELECT id, person FROM identities FINAL
                WHERE site = {p6:String} AND person != id
              ) AS links ON links.id = owner
              GROUP BY person
            )
            )
            GROUP BY person
            )
            )
            WHERE a0
            ORDER BY person
            LIMIT {p9:UInt64}
            -- p0: Texts(["view_item"])
            -- p1: Texts(["add_to_cart"])
            -- p2: Int(1795255200000)
            -- p3: Moments([-9223372036854775808, 1427414400000, 1445727600000, 1458864000000, 1477782000000, 1490313600000, 1509231600000, 1521763200000, 1540681200000, 1553817600000, 1572130800000, 1585267200000, 1603580400000, 1616716800000, 1635634800000, 1648166400000, 1667084400000, 1679616000000, 1698534000000, 1711670400000, 1729983600000, 1743120000000, 1761433200000, 1774569600000, 1792882800000, 1806019200000, 1824937200000, 1837468800000, 1856386800000, 1868918400000, 1887836400000, 1900972800000, 1919286000000, 1932422400000, 1950735600000, 1963872000000, 1982790000000])
            -- p4: Moments([-9223372036854775808, 1427425200000, 1445738400000, 1458874800000, 1477792800000, 1490324400000, 1509242400000, 1521774000000, 1540692000000, 1553828400000, 1572141600000, 1585278000000, 1603591200000, 1616727600000, 1635645600000, 1648177200000, 1667095200000, 1679626800000, 1698544800000, 1711681200000, 1729994400000, 1743130800000, 1761444000000, 1774580400000, 1792893600000, 1806030000000, 1824948000000, 1837479600000, 1856397600000, 1868929200000, 1887847200000, 1900983600000, 1919296800000, 1932433200000, 1950746400000, 1963882800000, 1982800800000])
            -- p5: Moments([7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000, 10800000, 7200000])
            -- p6: Text("shop")
            -- p7: Texts(["view_item", "add_to_cart"])
            -- p8: Text("ILS")
            -- p9: Id(100)
        "#]],
    );
}
