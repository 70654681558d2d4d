-- What digests tell, as they are frozen: to be written before their bytes are.
INSERT INTO digest_runs (outbox_id, subject_id, declaration, seat, cases)
SELECT o.id, o.subject_id, j.value ->> 'declaration', o.seat, j.value ->> 'cases'
FROM json_each($1) AS j
CROSS JOIN outbox AS o
WHERE o.id = CAST(j.value ->> 'id' AS BIGINT)
  AND o.frozen IS NULL
