-- How far cases have come, so that they are counted without reading any of them: the states that a case
-- has ever been in, each between blanks and in the order of bytes, and whether it went on to another hold,
-- where it is counted. Organisation 0 is none. Written with the case's row, when it is different.
CREATE TABLE progress (
    cohort_id       INTEGER NOT NULL,
    case_id         INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    came            TEXT NOT NULL,
    moved           INTEGER NOT NULL CHECK (moved IN (0, 1)),
    PRIMARY KEY (cohort_id, case_id)
) STRICT, WITHOUT ROWID;

INSERT INTO progress (cohort_id, case_id, organisation_id, came, moved)
SELECT s.cohort_id,
       s.id,
       COALESCE(s.organisation_id, 0),
       COALESCE((SELECT ' ' || group_concat(v.key, ' ') || ' '
                 FROM (SELECT key FROM json_each(s.snapshot, '$.visits') ORDER BY key) AS v), ' '),
       COALESCE(json_extract(s.snapshot, '$.ended.how') = 'moved', 0)
FROM subjects AS s
WHERE s.kind = 'case';
