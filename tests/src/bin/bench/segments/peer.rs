//! The shape in which others keep events: properties as one JSON text, ids as texts, and a table
//! of who turned out to be whom that every row is joined with; each condition a query of its own.
//! It is that of `PostHog`'s cohorts, written down for some of the examples.

use anyhow::Result;
use tests::{clickhouse::ClickHouse, page::SITE};

/// An example's template, and its question in that shape.
pub struct Peer {
    pub template: &'static str,
    pub parts: &'static [(&'static str, &'static str)],
}

/// Conditions of events, and what must be true of a person's group of them; the first is
/// intersected with the others.
pub const PEERS: [Peer; 4] = [
    Peer {
        template: "frequent-visitors",
        parts: &[(
            "event != 'dwell' AND timestamp >= fromUnixTimestamp64Milli({from})",
            "uniq(nullIf(JSONExtractString(properties, '$session_id'), '')) >= 3",
        )],
    },
    Peer {
        template: "viewed-category",
        parts: &[(
            "event = 'page_view' AND JSONExtractString(properties, 'category') = 'k1'",
            "count() >= 1",
        )],
    },
    Peer {
        template: "viewed-one-category-not-another",
        parts: &[
            (
                "event = 'page_view' AND JSONExtractString(properties, 'category') = 'k1'",
                "count() >= 1",
            ),
            (
                "event = 'page_view' AND JSONExtractString(properties, 'category') = 'k2'",
                "NOT count() >= 1",
            ),
        ],
    },
    Peer {
        template: "paid-ad-searched-not-bought",
        parts: &[
            (
                "event != 'dwell' AND JSONExtractString(properties, 'channel') = 'paid'",
                "count() >= 1",
            ),
            ("event = 'search'", "count() >= 2"),
            ("event = 'purchase'", "NOT count() >= 1"),
        ],
    },
];

/// Copies the events into tables of that shape.
pub async fn make_up(database: &ClickHouse) -> Result<()> {
    // Others have random ids, in the form of UUIDs.
    let uuid = |of: &str| format!("reinterpretAsUUID(sipHash128({of}))");
    let [session, visitor, contact] = ["session_id", "visitor_id", "contact_id"].map(uuid);
    let [id, person] = ["id", "person"].map(uuid);
    for statement in [
        "CREATE TABLE peer_events (uuid UUID, event LowCardinality(String), properties String CODEC(ZSTD(3)),
             timestamp DateTime64(6, 'UTC'), team_id Int64, distinct_id String, person_id UUID)
         ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(timestamp)
         ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))"
            .to_owned(),
        "CREATE TABLE peer_overrides (team_id Int64, distinct_id String, person_id UUID, version Int64)
         ENGINE = ReplacingMergeTree(version) ORDER BY (team_id, distinct_id)"
            .to_owned(),
        format!(
            "INSERT INTO peer_events
             SELECT event_id, type, toJSONString(map('$session_id', toString({session}), '$window_id', toString(tab_id), '$host', host,
                     '$pathname', path, '$current_url', concat('https://', host, path), '$title', title,
                     'category', toString(category), 'product', product, 'channel', toString(channel),
                     '$device_type', toString(device), '$browser', toString(browser), '$os', toString(os),
                     '$geoip_country_code', toString(country), '$geoip_city_name', toString(city),
                     'utm_source', toString(utm_source), 'utm_campaign', toString(utm_campaign),
                     'dwell_ms', toString(ifNull(dwell_ms, 0)), 'search_term', search_term,
                     'order_id', order_id, 'value_cents', toString(ifNull(value_cents, 0)), 'currency', toString(currency),
                     'items', toString(`items.id`), 'consent', toString(consent))),
                 ts, 1, toString({visitor}), {visitor}
             FROM events WHERE site = '{SITE}'"
        ),
        // The shop's own orders come as events too.
        format!(
            "INSERT INTO peer_events
             SELECT reinterpretAsUUID(sipHash128(order_id)), 'purchase', toJSONString(map('order_id', order_id,
                     'value_cents', toString(ifNull(value_cents, 0)), 'currency', toString(currency),
                     'items', toString(`items.id`))),
                 ts, 1, toString({contact}), {contact}
             FROM orders WHERE site = '{SITE}' AND is_feed"
        ),
        format!(
            "INSERT INTO peer_overrides
             SELECT 1, toString({id}), {person}, 1 FROM identities WHERE site = '{SITE}' AND kind = 'visitor'"
        ),
        "OPTIMIZE TABLE peer_events FINAL".to_owned(),
    ] {
        database.ask(&statement).await?;
    }
    Ok(())
}

impl Peer {
    /// The question, of a window that begins then, in milliseconds since the epoch.
    pub fn statement(&self, from_ms: i64) -> String {
        let parts = self.parts.iter().enumerate().map(|(place, (rows, having))| {
            let (word, having) = match having.strip_prefix("NOT ") {
                Some(having) => ("EXCEPT ", having),
                None if place > 0 => ("INTERSECT ", *having),
                None => ("", *having),
            };
            let rows = rows.replace("{from}", &from_ms.to_string());
            format!(
                "{word}SELECT if(notEmpty(overrides.distinct_id), overrides.person_id, e.person_id) AS person
                 FROM peer_events AS e
                 LEFT OUTER JOIN (SELECT distinct_id, argMax(person_id, version) AS person_id FROM peer_overrides
                     WHERE team_id = 1 GROUP BY distinct_id) AS overrides ON e.distinct_id = overrides.distinct_id
                 WHERE team_id = 1 AND {rows} GROUP BY person HAVING {having}"
            )
        });
        let parts: Vec<String> = parts.collect();
        format!("SELECT count() FROM ({})", parts.join("\n"))
    }
}
