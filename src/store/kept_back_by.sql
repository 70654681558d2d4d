-- Mail whose time has come and that only this stop ($1) keeps back.
SELECT o.*
FROM outbox AS o
WHERE o.status IN ('queued', 'retry')
  AND o.not_before <= $2
  AND o.id > $3
  AND EXISTS (SELECT 1 FROM stopped WHERE stopped.outbox_id = o.id AND stopped.stop_id = $1 LIMIT 1 OFFSET 0)
  AND NOT EXISTS (SELECT 1
                  FROM stopped
                  WHERE stopped.outbox_id = o.id AND stopped.stop_id <> $1
                  LIMIT 1 OFFSET 0)
ORDER BY o.id
LIMIT CAST($4 AS BIGINT)
