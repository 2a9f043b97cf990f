-- What says who a visitor is, once each: proofs that the edge verified, and claims of pages.
CREATE TABLE IF NOT EXISTS proofs
(
    site        LowCardinality(String),
    visitor_id  UInt64,
    -- Proofs: login (strong), landing (weak). Claims: id, mail, phone.
    kind        LowCardinality(String),
    -- What it names: the shop's own id of the contact (login, id), the contact's id here
    -- (landing), an address, a number.
    contact     String CODEC(ZSTD(1)),
    -- The token's id; of a claim 0.
    token_id    UInt64,
    ts          DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- Of the same proof the first counts, and a merge keeps the greatest.
    earliness   UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(received_at)
)
ENGINE = ReplacingMergeTree(earliness)
ORDER BY (site, visitor_id, kind, contact, token_id)
SETTINGS non_replicated_deduplication_window = 10000;
