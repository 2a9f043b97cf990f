//! What the backend counts and measures, in one table; OPERATING.md lists the same.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// How a metric is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It grows.
    Counter,
    /// It is what it is at the moment.
    Gauge,
    /// How many took at most how many seconds.
    Histogram,
}

use Kind::{Counter, Gauge, Histogram};

/// All metrics: name, kind, labels, and what it says.
pub const METRICS: &[(&str, Kind, &str, &str)] = &[
    (
        "crumbtrail_http_request_seconds",
        Histogram,
        "method, route, status",
        "How long requests took",
    ),
    (
        "crumbtrail_ingest_requests_total",
        Counter,
        "code",
        "Bodies from the edge: `accepted`, or the code of the problem",
    ),
    (
        "crumbtrail_events_accepted_total",
        Counter,
        "",
        "Events that were acknowledged, copies included",
    ),
    (
        "crumbtrail_events_erased_total",
        Counter,
        "",
        "Events that came of somebody from before they were erased, and are not kept",
    ),
    (
        "crumbtrail_facts_accepted_total",
        Counter,
        "",
        "Rows about people that were acknowledged: contacts, orders, messages, members of groups",
    ),
    (
        "crumbtrail_traits_unfit_total",
        Counter,
        "",
        "Traits of SDKs' messages that their fields don't take",
    ),
    (
        "crumbtrail_spool_bytes",
        Gauge,
        "",
        "Bytes that wait on disk for ClickHouse",
    ),
    (
        "crumbtrail_spool_commits_total",
        Counter,
        "result",
        "Commits to the spool: `ok`, `disk_full` or `failed`",
    ),
    (
        "crumbtrail_drain_step_seconds",
        Histogram,
        "step",
        "How long the steps of a chunk took: `read`, `look_up`, `insert`, `delete`",
    ),
    (
        "crumbtrail_drain_lag_seconds",
        Gauge,
        "",
        "How old the oldest event of the last chunk was when it was stored, since it was received",
    ),
    (
        "crumbtrail_drain_retries_total",
        Counter,
        "",
        "Failures of the drainer that may pass",
    ),
    (
        "crumbtrail_drain_stops_total",
        Counter,
        "",
        "Failures of the drainer that need mending",
    ),
    (
        "crumbtrail_events_stored_total",
        Counter,
        "",
        "Events that were inserted into ClickHouse",
    ),
    (
        "crumbtrail_events_duplicate_total",
        Counter,
        "",
        "Copies of events, dropped",
    ),
    (
        "crumbtrail_events_rejected_total",
        Counter,
        "reason",
        "Events that were set aside",
    ),
    (
        "crumbtrail_clickhouse_restarts_total",
        Counter,
        "",
        "Starts of the embedded ClickHouse after the first",
    ),
    (
        "crumbtrail_part_ready",
        Gauge,
        "part",
        "1 where `clickhouse`, `drain`, `spool`, `disk` works, else 0",
    ),
    (
        "crumbtrail_disk_free_bytes",
        Gauge,
        "",
        "Bytes that are free where the data is",
    ),
    (
        "crumbtrail_living_lag_seconds",
        Gauge,
        "",
        "How old the oldest memberships of segments are",
    ),
    (
        "crumbtrail_living_round_seconds",
        Histogram,
        "",
        "How long it took to bring the memberships of all sites up to date",
    ),
    (
        "crumbtrail_living_people_total",
        Counter,
        "",
        "Visitors and contacts who were looked at because they may have changed",
    ),
    (
        "crumbtrail_living_changes_total",
        Counter,
        "cause",
        "People who came into a segment or left it",
    ),
    (
        "crumbtrail_living_failures_total",
        Counter,
        "",
        "Looks at a site's memberships that failed, and are done again",
    ),
    (
        "crumbtrail_live_watchers",
        Gauge,
        "",
        "Connections that watch events live",
    ),
];

/// Upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// Records metrics from here on.
///
/// # Errors
/// [`BuildError`] where somebody records them already.
pub fn record() -> Result<PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?;
    let handle = builder.install_recorder()?;
    for (name, kind, _, says) in METRICS {
        match kind {
            Counter => describe_counter!(*name, *says),
            Gauge => describe_gauge!(*name, *says),
            Histogram => describe_histogram!(*name, Unit::Seconds, *says),
        }
    }
    Ok(handle)
}

/// Milliseconds as seconds.
#[must_use]
pub fn seconds(ms: u64) -> f64 {
    Duration::from_millis(ms).as_secs_f64()
}

/// A count of bytes or things, as gauges have it.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
pub const fn amount(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_operators_lists_all() {
        let page = include_str!("../../OPERATING.md");
        for (name, kind, labels, says) in METRICS {
            let kind = format!("{kind:?}").to_lowercase();
            let line = format!("| `{name}` | {kind} | {labels} | {says} |");
            assert!(page.contains(&line), "OPERATING.md lacks\n{line}");
        }
    }
}
