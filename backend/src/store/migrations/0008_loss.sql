-- How much each tab says that it recorded: what `events` and `rejected_events` lack of it was
-- lost. Of each tab the greatest counts, so that a row may come again.
CREATE TABLE IF NOT EXISTS tabs
(
    site     LowCardinality(String),
    tab_id   UInt64,
    -- Its highest seq and one, as its batches and the browser's next page load tell.
    recorded SimpleAggregateFunction(max, UInt32),
    -- Of these, not recorded for lack of room.
    lost     SimpleAggregateFunction(max, UInt32),
    -- Given up since, by it: refused for good, or too old; its own or an earlier tab's.
    dropped  SimpleAggregateFunction(max, UInt32),
    first_ts SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_ts  SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (site, tab_id)
SETTINGS non_replicated_deduplication_window = 10000;
