-- Whether a case waits for a later hold, so that a new hold wakes those and no others. What is open may
-- wait until it is written the next time.
ALTER TABLE subjects ADD COLUMN waits INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1));
UPDATE subjects SET waits = 1 WHERE kind = 'case' AND state IS NOT NULL;
CREATE INDEX subjects_waits ON subjects (workflow) WHERE waits = 1;
