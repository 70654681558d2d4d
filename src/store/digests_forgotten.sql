-- Nothing is compared with what was told before the last time, so nothing grows for ever.
DELETE FROM digest_runs
WHERE id IN (SELECT d.id
             FROM json_each($1) AS j
             CROSS JOIN outbox AS o
             CROSS JOIN digest_runs AS d
             WHERE o.id = CAST(j.value ->> 'id' AS BIGINT)
               AND d.subject_id = o.subject_id
               AND d.declaration = j.value ->> 'declaration'
               AND d.seat = o.seat
               AND d.id < CAST(j.value ->> 'since' AS BIGINT))
