-- Contacts as they are now: a row a person, made of `contact_rows`. Absent is null or empty.
CREATE TABLE IF NOT EXISTS contacts
(
    site             LowCardinality(String),
    contact_id       UInt64,
    -- The most decisive identifier.
    key              String CODEC(ZSTD(1)),
    first_name       String CODEC(ZSTD(1)),
    last_name        String CODEC(ZSTD(1)),
    mail             String CODEC(ZSTD(1)),
    phone            String CODEC(ZSTD(1)),
    gender           LowCardinality(String),
    birthday         Nullable(Date32),
    anniversary      Nullable(Date32),
    family_status    LowCardinality(String),
    street           String CODEC(ZSTD(1)),
    city             LowCardinality(String),
    region           LowCardinality(String),
    postal_code      String CODEC(ZSTD(1)),
    country          LowCardinality(String),
    language         LowCardinality(String),
    source           LowCardinality(String),
    created_at       Nullable(DateTime64(3, 'UTC')),
    consent_mail     Nullable(Bool),
    consent_sms      Nullable(Bool),
    consent_whatsapp Nullable(Bool),
    fields           JSON(max_dynamic_paths = 200) CODEC(ZSTD(1)),
    -- There is nothing of it any more: it is part of another person now.
    gone             Bool,
    version          UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site, contact_id)
SETTINGS non_replicated_deduplication_window = 10000;
