-- Whose events a moment moved over: the bounds of windows move with time.
ALTER TABLE events
    ADD PROJECTION IF NOT EXISTS by_time (SELECT site, ts, visitor_id, type ORDER BY site, ts);
