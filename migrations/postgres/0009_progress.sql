-- How far cases have come, so that they are counted without reading any of them: the states that a case
-- has ever been in, each between blanks and in the order of bytes, and whether it went on to another hold,
-- where it is counted. Organisation 0 is none. Written with the case's row, when it is different.
CREATE TABLE progress (
    cohort_id       BIGINT NOT NULL,
    case_id         BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    came            TEXT COLLATE "C" NOT NULL,
    moved           BIGINT NOT NULL CHECK (moved IN (0, 1)),
    PRIMARY KEY (cohort_id, case_id)
) WITH (fillfactor = 70);

INSERT INTO progress (cohort_id, case_id, organisation_id, came, moved)
SELECT s.cohort_id,
       s.id,
       COALESCE(s.organisation_id, 0),
       COALESCE((SELECT ' ' || string_agg(v.key, ' ' ORDER BY v.key COLLATE "C") || ' '
                 FROM jsonb_object_keys(s.snapshot::jsonb -> 'visits') AS v (key)), ' '),
       COALESCE((s.snapshot::jsonb -> 'ended' ->> 'how' = 'moved')::int, 0)
FROM subjects AS s
WHERE s.kind = 'case';
