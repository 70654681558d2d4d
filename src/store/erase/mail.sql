-- All mail of the erased cases, and what their hold's mail says to them.
UPDATE outbox
SET status       = CASE WHEN status IN ('queued', 'held', 'retry') THEN 'cancelled' ELSE status END,
    reason       = CASE WHEN status IN ('queued', 'held', 'retry') THEN 'erased' ELSE reason END,
    settled_at   = CASE WHEN status IN ('queued', 'held', 'retry') THEN $2 ELSE settled_at END,
    domain       = NULL,
    address      = NULL,
    subject_line = NULL,
    answer       = NULL,
    frozen       = NULL
WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
   OR id IN (SELECT theirs.id
             FROM json_each($1) AS j
             CROSS JOIN subject_keys AS k
             CROSS JOIN outbox AS theirs
             WHERE k.id = CAST(j.atom AS BIGINT)
               AND theirs.subject_id = k.cohort_id
               AND theirs.seat = 'candidate:' || j.atom)
RETURNING public_id, attempt
