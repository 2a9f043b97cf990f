-- Who showed a token: it proves for whom it was shown first.
ALTER TABLE proofs
    ADD PROJECTION IF NOT EXISTS by_token (SELECT site, token_id, visitor_id ORDER BY site, token_id);
