-- Which digests say what is new since another one than the last: one has been sent in between, or is on
-- the wire. What was attempted once says what it said then.
SELECT j.key
FROM json_each($1) AS j
CROSS JOIN outbox AS o
WHERE o.id = CAST(j.value ->> 'id' AS BIGINT)
  AND o.frozen IS NULL
  AND (SELECT max(d.id)
       FROM digest_runs AS d
       JOIN outbox AS e ON e.id = d.outbox_id
       WHERE d.subject_id = o.subject_id
         AND d.declaration = j.value ->> 'declaration'
         AND d.seat = o.seat
         AND e.occurrence <> o.occurrence
         AND e.status IN ('sending', 'sent', 'unknown')) IS DISTINCT FROM CAST(j.value ->> 'since' AS BIGINT)
