-- What is stopped: all mail, that of a workflow, of a hold, of what is declared under a name, or what is all of these
-- at once. A stop that has ended stays, as history. began_by and ended_by are accounts or `cli`, never names.
CREATE TABLE stops (
    id          INTEGER PRIMARY KEY,
    workflow    TEXT,
    cohort_id   INTEGER REFERENCES subjects (id),
    declaration TEXT,
    reason      TEXT NOT NULL,
    began_at    INTEGER NOT NULL,
    began_by    TEXT NOT NULL,
    ended_at    INTEGER,
    ended_by    TEXT
) STRICT;

-- The same is stopped once at a time. The claim of mail asks this index whether anything is.
CREATE UNIQUE INDEX stops_open
    ON stops (COALESCE(workflow, ''), COALESCE(cohort_id, 0), COALESCE(declaration, ''))
    WHERE ended_at IS NULL;
-- For the reference.
CREATE INDEX stops_of_cohort ON stops (cohort_id) WHERE cohort_id IS NOT NULL;

-- Which mail is stopped by what: nothing of it is written into mail, so that nothing is to be taken back when a stop
-- ends. A bundle is stopped by each of its items (item_id). Word to the operator is no workflow's and no hold's.
CREATE VIEW stopped AS
SELECT o.id AS outbox_id, t.id AS stop_id, g.id AS item_id
FROM outbox AS o
LEFT JOIN gather_items AS g ON g.bundle_id = o.id
JOIN subjects AS s ON s.id = COALESCE(g.subject_id, o.subject_id)
JOIN stops AS t
    ON t.ended_at IS NULL
    AND (t.workflow IS NULL OR t.workflow = s.workflow)
    AND (t.cohort_id IS NULL OR t.cohort_id = COALESCE(s.cohort_id, s.id))
    AND (t.declaration IS NULL
        OR (substr(COALESCE(g.occurrence, o.occurrence), 1, length(t.declaration)) = t.declaration
            AND substr(COALESCE(g.occurrence, o.occurrence), length(t.declaration) + 1, 1) IN ('.', '#', '@')))
    AND (o.seat <> 'operator' OR COALESCE(t.workflow, CAST(t.cohort_id AS TEXT), t.declaration) IS NULL);

-- One row: whether mail leaves at all.
CREATE VIEW mail_switch AS
SELECT CASE WHEN EXISTS (SELECT 1
                         FROM stops
                         WHERE ended_at IS NULL
                           AND workflow IS NULL
                           AND cohort_id IS NULL
                           AND declaration IS NULL) THEN 0 ELSE 1 END AS mail_on;

-- What was stopped before stops had a reason. A build that knows only that switch sends nothing from now on.
INSERT INTO stops (reason, began_at, began_by)
SELECT 'Standset, før en standsning havde en grund', CAST(strftime('%s', 'now') AS INTEGER) * 1000000, 'cli'
FROM cluster
WHERE mail_on = 0;

ALTER TABLE cluster DROP COLUMN mail_on;
