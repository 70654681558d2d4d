-- A row that was attempted keeps its bytes; what was erased or replaced meanwhile is not said again.
UPDATE outbox
SET status     = 'queued',
    reason     = 'asked',
    settled_at = NULL,
    not_before = CASE WHEN not_before < $2 THEN not_before ELSE $2 END
WHERE id = $1
  AND status IN (SELECT atom FROM json_each($3))
  AND (attempt = 0 OR frozen IS NOT NULL)
  AND NOT EXISTS (SELECT 1
                  FROM outbox AS newer
                  WHERE newer.subject_id = outbox.subject_id
                    AND newer.occurrence = outbox.occurrence
                    AND newer.seat = outbox.seat
                    AND newer.revision > outbox.revision)
