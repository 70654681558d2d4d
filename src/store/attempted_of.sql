-- Those of some cases that anything has left for, or may have.
SELECT DISTINCT CAST(j.atom AS BIGINT)
FROM json_each($1) AS j
WHERE EXISTS (SELECT 1
              FROM outbox AS o
              WHERE o.subject_id = CAST(j.atom AS BIGINT) AND o.status IN ('sending', 'retry', 'sent', 'unknown'))
   OR EXISTS (SELECT 1
              FROM subject_keys AS k
              CROSS JOIN outbox AS o
              WHERE k.id = CAST(j.atom AS BIGINT)
                AND o.subject_id = k.cohort_id
                AND o.seat = 'candidate:' || j.atom
                AND o.status IN ('sending', 'retry', 'sent', 'unknown'))
