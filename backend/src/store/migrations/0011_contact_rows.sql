-- Every row that was sent of a contact, as it was said; `contacts` is made of these.
CREATE TABLE IF NOT EXISTS contact_rows
(
    site        LowCardinality(String),
    -- The identity that the row named first.
    contact_id  UInt64,
    -- As of when.
    ts          DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    id          UUID,
    received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- Who said it: the name of a key, or of a file.
    said_by     LowCardinality(String),
    -- Nobody vouches for it: it fills only what nobody else ever said.
    is_weak     Bool,
    -- JSON: by the field's name `value`, and `given` where it was sent as another text; null where
    -- the value was taken back. Arrays of names and values took three times as long to insert.
    fields      String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (site, contact_id, ts, id)
SETTINGS non_replicated_deduplication_window = 10000;
