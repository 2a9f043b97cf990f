//! Time: windows, zones, calendars.

use super::super::truth::World;
use super::{at, check, duration, event, members, of_events, of_orders, order, seen, world};
use jiff::civil::Weekday;
use serde_json::{Value, json};

fn views(window: Value) -> Value {
    json!({"kind": "event", "event": "page_view", "window": window})
}

#[test]
fn what_happens_at_as_of_is_not_seen() {
    let facts = seen(&["2026-06-15T11:59:59.999Z", "2026-06-15T12:00:00Z"]);
    check(&facts, views(json!("ever")), &[1]);
    check(&facts, json!({"kind": "event", "event": "page_view"}), &[1]);
}

#[test]
fn last_holds_its_start_and_ends_at_as_of() {
    let facts = seen(&[
        "2026-06-14T11:59:59.999Z",
        "2026-06-14T12:00:00Z",
        "2026-06-15T11:59:59.999Z",
        "2026-06-15T12:00:00Z",
    ]);
    check(&facts, views(json!({"last": duration(1, "day")})), &[2, 3]);
}

#[test]
fn between_ago_holds_the_far_bound_and_not_the_near_one() {
    let facts = seen(&[
        "2026-06-15T09:59:59.999Z",
        "2026-06-15T10:00:00Z",
        "2026-06-15T10:59:59.999Z",
        "2026-06-15T11:00:00Z",
    ]);
    let bounds = json!({"between_ago": [duration(1, "hour"), duration(2, "hour")]});
    check(&facts, views(bounds), &[2, 3]);
}

#[test]
fn between_ago_with_bounds_that_cross_is_empty() {
    // 29 days before 15 March is 14 February, one month before is 15 February.
    let facts = seen(&["2026-02-14T12:00:00Z", "2026-02-14T18:00:00Z"]);
    let bounds = json!({"between_ago": [duration(29, "day"), duration(1, "month")]});
    let world = World {
        as_of: at("2026-03-15T12:00:00Z"),
        ..world(&facts)
    };
    assert!(world.members(&views(bounds)).is_empty());
}

#[test]
fn between_holds_both_days_whole() {
    let facts = seen(&[
        "2026-06-09T23:59:59.999Z",
        "2026-06-10T00:00:00Z",
        "2026-06-11T23:59:59.999Z",
        "2026-06-12T00:00:00Z",
    ]);
    let days = json!({"between": ["2026-06-10", "2026-06-11"]});
    check(&facts, views(days), &[2, 3]);
}

#[test]
fn between_in_the_future_is_cut_at_as_of() {
    let facts = seen(&["2026-06-15T11:00:00Z", "2026-06-15T13:00:00Z"]);
    let days = json!({"between": ["2026-06-15", "2026-06-30"]});
    check(&facts, views(days), &[1]);
}

#[test]
fn since_starts_one_millisecond_after_the_latest_such_fact() {
    let facts = of_events(vec![
        event(1, "search", "2026-06-10T10:00:00Z"),
        event(1, "search", "2026-06-12T10:00:00Z"),
        event(1, "page_view", "2026-06-12T10:00:00Z"),
        event(2, "search", "2026-06-12T10:00:00Z"),
        event(2, "page_view", "2026-06-12T10:00:00.001Z"),
        event(3, "page_view", "2026-06-12T10:00:00.001Z"),
    ]);
    let since = json!({"since": {"kind": "event", "event": "search"}});
    check(&facts, views(since), &[2]);
}

#[test]
fn since_without_such_a_fact_is_empty() {
    let facts = of_events(vec![event(1, "page_view", "2026-06-12T10:00:00Z")]);
    let none = json!({"kind": "event", "event": "page_view", "compare": {"eq": 0},
        "window": {"since": {"kind": "event", "event": "search"}}});
    check(&facts, none, &[1]);
}

#[test]
fn since_reaches_across_kinds_of_facts() {
    let mut facts = seen(&["2026-06-12T10:00:00Z", "2026-06-12T10:00:00Z"]);
    facts.orders = vec![
        order("a", 1, "2026-06-11T10:00:00Z"),
        order("b", 2, "2026-06-13T10:00:00Z"),
    ];
    check(&facts, views(json!({"since": {"kind": "order"}})), &[1]);
}

#[test]
fn since_asks_the_filters_of_its_leaf() {
    let facts = of_orders(vec![
        order("a", 1, "2026-06-11T10:00:00Z"),
        order("b", 1, "2026-06-13T10:00:00Z"),
        order("c", 2, "2026-06-13T10:00:00Z"),
    ]);
    let first = json!({"field": "order_id", "op": "eq", "value": "a"});
    let since = json!({"since": {"kind": "order", "where": [first]}});
    check(&facts, json!({"kind": "order", "window": since}), &[1]);
}

/// Who was seen in a period: each instant is a visitor's.
fn period(as_of: &str, window: Value, instants: &[&str]) -> Vec<u64> {
    let facts = seen(instants);
    let world = World {
        as_of: at(as_of),
        ..world(&facts)
    };
    world.members(&views(window)).into_iter().collect()
}

#[test]
fn calendar_is_the_whole_period_around_as_of_or_the_one_before() {
    let periods = [
        ("today", "2026-06-15T00:00:00Z", "2026-06-15T11:59:59Z"),
        ("yesterday", "2026-06-14T00:00:00Z", "2026-06-14T23:59:59Z"),
        ("this_week", "2026-06-15T00:00:00Z", "2026-06-15T11:59:59Z"),
        ("last_week", "2026-06-08T00:00:00Z", "2026-06-14T23:59:59Z"),
        ("this_month", "2026-06-01T00:00:00Z", "2026-06-15T11:59:59Z"),
        ("last_month", "2026-05-01T00:00:00Z", "2026-05-31T23:59:59Z"),
        (
            "this_quarter",
            "2026-04-01T00:00:00Z",
            "2026-06-15T11:59:59Z",
        ),
        (
            "last_quarter",
            "2026-01-01T00:00:00Z",
            "2026-03-31T23:59:59Z",
        ),
        ("this_year", "2026-01-01T00:00:00Z", "2026-06-15T11:59:59Z"),
        ("last_year", "2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
    ];
    for (name, first, last) in periods {
        let before = jiff::Timestamp::from_millisecond(at(first) - 1).unwrap();
        let after = jiff::Timestamp::from_millisecond(at(last) + 1000).unwrap();
        let instants = [&before.to_string(), first, last, &after.to_string()];
        let window = json!({"calendar": name});
        assert_eq!(period(super::NOW, window, &instants), [2, 3], "{name}");
    }
}

#[test]
fn weeks_begin_on_the_sites_first_day() {
    let facts = seen(&["2026-06-13T23:59:59Z", "2026-06-14T00:00:00Z"]);
    let world = World {
        week_start: Weekday::Sunday,
        ..world(&facts)
    };
    let window = views(json!({"calendar": "this_week"}));
    assert_eq!(Vec::from_iter(world.members(&window)), [2]);
}

#[test]
fn years_ago_moves_the_date_first_and_takes_the_period_around_it() {
    // 15 June 2025 is a Sunday: its week began on the 9th.
    let week = json!({"calendar": "this_week", "years_ago": 1});
    let instants = [
        "2025-06-08T23:59:59Z",
        "2025-06-09T00:00:00Z",
        "2025-06-15T23:59:59Z",
        "2025-06-16T00:00:00Z",
    ];
    assert_eq!(period(super::NOW, week, &instants), [2, 3]);
    let month = json!({"calendar": "last_month", "years_ago": 1});
    let instants = [
        "2025-04-30T23:00:00Z",
        "2025-05-01T00:00:00Z",
        "2025-06-01T00:00:00Z",
    ];
    assert_eq!(period(super::NOW, month, &instants), [2]);
}

#[test]
fn years_ago_clamps_a_leap_day() {
    let day = json!({"calendar": "today", "years_ago": 1});
    let instants = ["2023-02-28T10:00:00Z", "2023-03-01T10:00:00Z"];
    assert_eq!(period("2024-02-29T12:00:00Z", day, &instants), [1]);
}

#[test]
fn months_clamp() {
    let month = json!({"last": duration(1, "month")});
    let instants = ["2026-02-28T11:59:59Z", "2026-02-28T12:00:00Z"];
    assert_eq!(period("2026-03-31T12:00:00Z", month, &instants), [2]);
}

#[test]
fn years_clamp() {
    let year = json!({"last": duration(1, "year")});
    let instants = ["2023-02-28T11:59:59Z", "2023-02-28T12:00:00Z"];
    assert_eq!(period("2024-02-29T12:00:00Z", year, &instants), [2]);
}

/// Who was seen, asked in Jerusalem.
fn in_jerusalem(as_of: &str, window: Value, instants: &[&str]) -> Vec<u64> {
    let facts = seen(instants);
    let world = World {
        zone: "Asia/Jerusalem",
        as_of: at(as_of),
        ..world(&facts)
    };
    world.members(&views(window)).into_iter().collect()
}

#[test]
fn days_are_wall_clock_time_and_hours_are_exact() {
    // The clocks went forward on 27 March 2026 at 02:00.
    let now = "2026-03-27T09:00:00Z";
    let instants = ["2026-03-26T09:30:00Z", "2026-03-26T10:00:00Z"];
    let day = json!({"last": duration(1, "day")});
    assert_eq!(in_jerusalem(now, day, &instants), [2]);
    let hours = json!({"last": duration(24, "hour")});
    assert_eq!(in_jerusalem(now, hours, &instants), [1, 2]);
    let minutes = json!({"last": duration(1440, "minute")});
    assert_eq!(in_jerusalem(now, minutes, &instants), [1, 2]);
}

#[test]
fn weeks_are_wall_clock_time() {
    let week = json!({"last": duration(1, "week")});
    let instants = ["2026-03-20T09:30:00Z", "2026-03-20T10:00:00Z"];
    assert_eq!(in_jerusalem("2026-03-27T09:00:00Z", week, &instants), [2]);
}

#[test]
fn a_wall_time_in_a_gap_moves_forward_by_the_gap() {
    // 02:30 on 27 March was skipped: it is 03:30, which is 00:30 in UTC.
    let day = json!({"last": duration(1, "day")});
    let instants = ["2026-03-27T00:29:59Z", "2026-03-27T00:30:00Z"];
    assert_eq!(in_jerusalem("2026-03-27T23:30:00Z", day, &instants), [2]);
}

#[test]
fn a_wall_time_in_an_overlap_is_the_earlier() {
    // 01:30 on 25 October 2026 came twice, first at 22:30 in UTC.
    let day = json!({"last": duration(1, "day")});
    let instants = ["2026-10-24T22:29:59Z", "2026-10-24T22:30:00Z"];
    assert_eq!(in_jerusalem("2026-10-25T23:30:00Z", day, &instants), [2]);
}

#[test]
fn days_begin_in_the_sites_zone() {
    let day = json!({"between": ["2026-06-10", "2026-06-10"]});
    let instants = [
        "2026-06-09T20:59:59Z",
        "2026-06-09T21:00:00Z",
        "2026-06-10T20:59:59Z",
        "2026-06-10T21:00:00Z",
    ];
    assert_eq!(in_jerusalem(super::NOW, day, &instants), [2, 3]);
}

#[test]
fn nested_definitions_see_the_same_as_of() {
    let mut facts = seen(&["2026-06-15T11:00:00Z", "2026-06-10T11:00:00Z"]);
    let saved = views(json!({"last": duration(1, "day")}));
    facts.segments.insert("recent".to_owned(), saved);
    let nested = json!({"kind": "segment", "segment": "recent"});
    assert_eq!(members(&facts, &nested), [1]);
}
