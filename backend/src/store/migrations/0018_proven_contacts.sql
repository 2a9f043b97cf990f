-- The contact that a proof or a claim names, by its id.
ALTER TABLE proofs ADD COLUMN IF NOT EXISTS contact_id UInt64 AFTER contact;
