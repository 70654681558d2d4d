UPDATE outbox
SET status = 'held', reason = 'restored', late_lot = $1
WHERE status IN ('queued', 'retry')
   OR (status = 'held' AND late_lot IS NOT NULL)
