-- Which decisions about mail are still good: the row unsent and at the attempt that was read, and
-- every subject and hold that the mail speaks of as it was; of an announcement, that nobody whom it goes to
-- has unsubscribed; and nothing of it is stopped (stops.rs). Of several of one stream, the first.
SELECT min(j.key)
FROM json_each($1) AS j
CROSS JOIN outbox AS o
WHERE o.id = CAST(j.value ->> 'id' AS BIGINT)
  AND o.attempt = CAST(j.value ->> 'attempt' AS BIGINT)
  AND o.status IN ('queued', 'retry')
  AND (NOT EXISTS (SELECT 1 FROM stops WHERE ended_at IS NULL)
    OR NOT EXISTS (SELECT 1 FROM stopped WHERE stopped.outbox_id = o.id LIMIT 1 OFFSET 0))
  AND NOT EXISTS (SELECT 1
                  FROM json_each(j.value -> 'seqs') AS e
                  LEFT JOIN subjects AS s ON s.id = CAST(e.value ->> 0 AS BIGINT)
                  WHERE s.seq IS DISTINCT FROM CAST(e.value ->> 1 AS BIGINT))
  AND NOT EXISTS (SELECT 1
                  FROM json_each(j.value -> 'broadcasts') AS e
                  LEFT JOIN subjects AS s ON s.id = CAST(e.value ->> 0 AS BIGINT)
                  WHERE s.broadcast IS DISTINCT FROM CAST(e.value ->> 1 AS BIGINT))
  AND NOT EXISTS (SELECT 1
                  FROM json_each(j.value -> 'announced') AS e
                  JOIN suppressions AS s ON s.workflow = e.value ->> 0 AND s.address = e.value ->> 1)
  AND COALESCE((SELECT w.rev
                FROM mail_wishes AS w
                WHERE w.subject_id = o.subject_id
                  AND w.occurrence = o.occurrence
                  AND w.seat = o.seat), 0) = CAST(j.value ->> 'wished' AS BIGINT)
  AND NOT EXISTS (SELECT 1
                  FROM outbox AS sibling
                  WHERE sibling.subject_id = o.subject_id
                    AND sibling.occurrence = o.occurrence
                    AND sibling.seat = o.seat
                    AND sibling.status = 'sending')
GROUP BY o.subject_id, o.occurrence, o.seat
