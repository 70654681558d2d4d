-- Mail of one priority. One row of a stream is on the wire at a time. LIMIT as in due.sql.
SELECT o.*
FROM outbox AS o
WHERE o.status IN ('queued', 'retry')
  AND o.priority = $3
  AND o.not_before <= $1
  AND NOT EXISTS (SELECT 1
                  FROM outbox AS sibling
                  WHERE sibling.subject_id = o.subject_id
                    AND sibling.occurrence = o.occurrence
                    AND sibling.seat = o.seat
                    AND sibling.status = 'sending')
ORDER BY o.not_before, o.id
LIMIT CAST($2 AS BIGINT)
