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
            SELECT visitor_id FROM (
              WITH
                if(isValidASCII(category), lower(category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(category)))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String}))) AS e1,
                type IN {p2:Array(String)} AND ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND e0 = e1 AS e2
              SELECT visitor_id,
                countIf(e2) AS m0
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p4:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p4:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p2:Array(String)} AND (ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              WHERE (e2)
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 >= {p5:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p6:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Int(1794650400000)
            -- p2: Texts(["view_item"])
            -- p3: Text("נעליים")
            -- p4: Text("shop")
            -- p5: Int(3)
            -- p6: Id(100)
        "#]],
    );
}

#[test]
fn the_negative_reads_everyone() {
    check(
        &json!({"not": {"kind": "event", "event": ["purchase", "refund"]}}),
        expect![[r#"
            SELECT visitor_id FROM (
              WITH
                type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AS e0
              SELECT visitor_id,
                countIf(e0) AS m0
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p2:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND ts < fromUnixTimestamp64Milli({p0:Int64})
              )
              GROUP BY visitor_id
            )
            WHERE NOT ifNull(m0 >= {p3:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p4:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["purchase", "refund"])
            -- p2: Text("shop")
            -- p3: Int(1)
            -- p4: Id(100)
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
            SELECT visitor_id FROM (
              WITH
                ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND is_session_start AS e0,
                ts >= fromUnixTimestamp64Milli({p2:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND is_session_start AS e1
              SELECT visitor_id,
                countIf(e0) AS m0,
                countIf(e1) AS m1
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p3:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p3:String} AND NOT bot AND NOT machine AND NOT staff AND (ts >= fromUnixTimestamp64Milli({p1:Int64}) AND ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              WHERE (e0 OR e1)
              GROUP BY visitor_id
            )
            WHERE (ifNull(m0 >= {p4:Int64}, false) AND (ifNull(m0 < {p5:Int64}, false) OR ifNull(m1 = {p6:Float64}, false)))
            ORDER BY visitor_id
            LIMIT {p7:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Int(1792659600000)
            -- p2: Int(1794650400000)
            -- p3: Text("shop")
            -- p4: Int(2)
            -- p5: Int(5)
            -- p6: Float(1.5)
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
            SELECT visitor_id FROM (
              WITH
                if(isValidASCII(path), lower(path), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(path)))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p2:String}))) AS e1,
                type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND match(e0, concat('\\A', regexpQuoteMeta(e1), '[\\s\\S]*', '\\z')) AS e2
              SELECT visitor_id,
                uniqExactIf(toDate(ts, {p3:String}), e2) AS m0,
                sumIf(toInt128(ifNull(dwell_ms, 0)), e2 AND isNotNull(dwell_ms)) AS m1,
                avgOrNullIf(toInt128(ifNull(scroll_percent, 0)), e2 AND isNotNull(scroll_percent)) AS m2
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p4:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p4:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p1:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              WHERE (e2 OR e2 OR e2)
              GROUP BY visitor_id
            )
            WHERE (ifNull(m0 >= {p5:Int64}, false) OR ifNull(m1 >= {p5:Int64}, false) OR ifNull(m2 >= {p6:Float64}, false))
            ORDER BY visitor_id
            LIMIT {p7:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["dwell"])
            -- p2: Text("/shoes/")
            -- p3: Text("Asia/Jerusalem")
            -- p4: Text("shop")
            -- p5: Int(1)
            -- p6: Float(1.0)
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
            SELECT visitor_id FROM (
              WITH
                (currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String})))) AS e0,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p5:String}))) AS e1,
                type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND arrayExists((item_category, item_price_cents) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) IN arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), {p2:Array(String)}) AND ifNull(if(e0, item_price_cents, NULL) >= {p4:Int64}, false), `items.category`, `items.price_cents`) AND NOT arrayExists((item_brand) -> if(isValidASCII(item_brand), lower(item_brand), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_brand)))) = e1, `items.brand`) AS e2
              SELECT visitor_id,
                sumArrayIf(arrayFilter((v, item_category, item_quantity, item_price_cents) -> if(isValidASCII(item_category), lower(item_category), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_category)))) IN arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), {p2:Array(String)}) AND ifNull(if(e0, item_price_cents, NULL) >= {p4:Int64}, false) AND isNotNull(item_price_cents) AND e0, arrayMap((p, q) -> toInt128(ifNull(p, 0)) * q, `items.price_cents`, `items.quantity`), `items.category`, `items.quantity`, `items.price_cents`), e2) AS m0
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p6:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p6:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p1:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              WHERE (e2)
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 > {p7:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p8:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["purchase"])
            -- p2: Texts(["boots", "shoes"])
            -- p3: Text("ILS")
            -- p4: Int(1000)
            -- p5: Text("none")
            -- p6: Text("shop")
            -- p7: Int(30000)
            -- p8: Id(100)
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
            SELECT visitor_id FROM (
              WITH
                type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AS e0,
                if(isValidASCII(product), lower(product), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(product)))) AS e1,
                arrayDistinct(arrayFilter(k -> k != '', arrayPushBack(arrayFilter((v, item_id) -> item_id != '', arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), `items.id`), `items.id`), e1))) AS e2
              SELECT visitor_id,
                countArrayMapIf(map(session_id, [1]), e0) AS m0,
                uniqExactArrayMapIf(mapFromArrays(e2, arrayMap(k -> arrayFilter((v, item_id, item_brand) -> if(isValidASCII(item_id), lower(item_id), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(item_id)))) = k AND item_brand != '', arrayMap(t -> if(isValidASCII(t), lower(t), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(t)))), `items.brand`), `items.id`, `items.brand`), e2)), e0) AS m1
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p2:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p1:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              WHERE (e0 OR e0)
              GROUP BY visitor_id
            )
            WHERE (arrayExists(v -> ifNull(v >= {p3:Int64}, false), mapValues(m0)) AND arrayExists(v -> ifNull(v >= {p3:Int64}, false), mapValues(m1)))
            ORDER BY visitor_id
            LIMIT {p4:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["add_to_cart"])
            -- p2: Text("shop")
            -- p3: Int(1)
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
            SELECT visitor_id FROM (
              SELECT visitor_id,
                countIf(type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND ifNull(ts > s0, false)) AS m0
              FROM (
                SELECT *,
                  maxOrNullIf(ts, type IN {p4:Array(String)}) OVER (PARTITION BY visitor_id) AS s0
                FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p2:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p2:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p3:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              )
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 >= {p5:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p6:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["page_view"])
            -- p2: Text("shop")
            -- p3: Texts(["page_view", "purchase"])
            -- p4: Texts(["purchase"])
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
            SELECT visitor_id FROM (
              WITH
                getSubcolumn(props, {p2:String}) AS e0,
                if(startsWith(dynamicType(e0), 'Array'), '', toString(e0)) AS e1,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(e1))) AS e2,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p3:String}))) AS e3,
                if(currency = '', {p4:String}, currency) AS e4,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(e4))) AS e5,
                normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p5:String}))) AS e6,
                type IN {p1:Array(String)} AND ts < fromUnixTimestamp64Milli({p0:Int64}) AND position(e2, e3) > 0 AND NOT (e5 = e6) AS e7,
                (currency = '' OR if(isValidASCII(currency), lower(currency), normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC(currency)))) = normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({p4:String})))) AS e8,
                if(e8, value_cents, NULL) AS e9
              SELECT visitor_id,
                maxOrNullIf(toInt128(ifNull(e9, 0)), e7 AND isNotNull(e9)) AS m0
              FROM (
                SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)
                FROM events LEFT ANY JOIN (
                  SELECT id, argMax(person, version) AS person FROM identities
                  WHERE site = {p6:String} AND kind = 'visitor' GROUP BY id
                ) AS links ON links.id = events.visitor_id
                WHERE site = {p6:String} AND NOT bot AND NOT machine AND NOT staff AND type IN {p1:Array(String)} AND (ts < fromUnixTimestamp64Milli({p0:Int64}))
              )
              WHERE (e7)
              GROUP BY visitor_id
            )
            WHERE ifNull(m0 >= {p7:Int64}, false)
            ORDER BY visitor_id
            LIMIT {p8:UInt64}
            -- p0: Int(1795255200000)
            -- p1: Texts(["custom"])
            -- p2: Text("צבע")
            -- p3: Text("כחול")
            -- p4: Text("ILS")
            -- p5: Text("usd")
            -- p6: Text("shop")
            -- p7: Int(1)
            -- p8: Id(100)
        "#]],
    );
}
