-- What only this stop keeps back and is late is held; not what somebody has asked for, nor these ($4).
UPDATE outbox
SET status = 'held', reason = 'late', late_lot = $3
WHERE status IN ('queued', 'retry')
  AND not_before < $2
  AND (reason IS NULL OR reason <> 'asked')
  AND id NOT IN (SELECT CAST(atom AS BIGINT) FROM json_each($4))
  AND EXISTS (SELECT 1 FROM stopped WHERE stopped.outbox_id = outbox.id AND stopped.stop_id = $1 LIMIT 1 OFFSET 0)
  AND NOT EXISTS (SELECT 1
                  FROM stopped
                  WHERE stopped.outbox_id = outbox.id AND stopped.stop_id <> $1
                  LIMIT 1 OFFSET 0)
