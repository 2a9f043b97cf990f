-- Who was erased: what was of them before `erased_at` stays out, what comes later is a new trail.
CREATE TABLE IF NOT EXISTS tombstones
(
    site       LowCardinality(String),
    -- A visitor's id, or a contact's, which is a keyed hash of the identifier.
    id         UInt64,
    erased_at  DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- When what came before it was drained: rows of lesser versions are of before.
    drained_at UInt64,
    -- Whether what was stored of it is deleted.
    deleted    Bool
)
ENGINE = ReplacingMergeTree
ORDER BY (site, id, drained_at, deleted)
SETTINGS non_replicated_deduplication_window = 10000;
