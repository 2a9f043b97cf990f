-- What pages say of themselves beyond their path, which of its visits a browser is in, and
-- which form was begun, sent or left.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS form LowCardinality(String) AFTER coupon,
    ADD COLUMN IF NOT EXISTS query String CODEC(ZSTD(1)) AFTER path,
    ADD COLUMN IF NOT EXISTS canonical String CODEC(ZSTD(1)) AFTER title,
    ADD COLUMN IF NOT EXISTS page_source LowCardinality(String) AFTER canonical,
    ADD COLUMN IF NOT EXISTS visit_number UInt32 CODEC(T64, ZSTD(1)) AFTER product,
    ADD COLUMN IF NOT EXISTS landing_path String CODEC(ZSTD(1)) AFTER visit_number;
