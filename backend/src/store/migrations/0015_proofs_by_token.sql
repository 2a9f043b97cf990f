-- A projection of `proofs` is made anew when a merge makes one of rows that are there twice.
ALTER TABLE proofs MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
