-- When a subject first asks people for something: the first day of an open task (its start, the end of time
-- for a task without a day), the end of the first meeting booked. Derived with every step, like next_due_at.
ALTER TABLE subjects ADD COLUMN task_due_at INTEGER;
ALTER TABLE subjects ADD COLUMN meeting_end_at INTEGER;

-- With whose it is, so that a jobcentre's own are found without reading the others' rows.
CREATE INDEX subjects_tasks ON subjects (task_due_at, id, kind, organisation_id) WHERE task_due_at IS NOT NULL;
CREATE INDEX subjects_meetings ON subjects (meeting_end_at, id, kind, organisation_id) WHERE meeting_end_at IS NOT NULL;

-- Whoever is under way is looked at once more: that writes both.
UPDATE subjects SET next_due_at = 0 WHERE json_extract(snapshot, '$.ended') IS NULL;
