-- In which zone's hours a visitor lives.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS time_zone LowCardinality(String) AFTER city;
