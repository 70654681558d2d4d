-- What was still to be said of cases that are taken back, also by their hold to them alone.
UPDATE outbox
SET status = 'cancelled', reason = 'taken-back', settled_at = $2
WHERE status IN ('queued', 'held')
  AND (subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
       OR id IN (SELECT theirs.id
                 FROM json_each($1) AS j
                 CROSS JOIN subject_keys AS k
                 CROSS JOIN outbox AS theirs
                 WHERE k.id = CAST(j.atom AS BIGINT)
                   AND theirs.subject_id = k.cohort_id
                   AND theirs.seat = 'candidate:' || j.atom))
