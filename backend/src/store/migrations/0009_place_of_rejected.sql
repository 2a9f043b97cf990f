-- Which event of which tab was set aside.
ALTER TABLE rejected_events
    ADD COLUMN IF NOT EXISTS tab_id UInt64 AFTER visitor_id,
    ADD COLUMN IF NOT EXISTS seq UInt32 AFTER tab_id;
