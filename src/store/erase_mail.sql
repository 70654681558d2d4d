UPDATE outbox
SET status       = CASE WHEN status IN ('queued', 'held', 'retry') THEN 'cancelled' ELSE status END,
    reason       = CASE WHEN status IN ('queued', 'held', 'retry') THEN 'erased' ELSE reason END,
    settled_at   = CASE WHEN status IN ('queued', 'held', 'retry') THEN $2 ELSE settled_at END,
    address      = NULL,
    subject_line = NULL,
    answer       = NULL,
    frozen       = NULL
WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
