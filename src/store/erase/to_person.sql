-- All mail that went to a person, whatever it was about.
UPDATE outbox
SET status       = CASE WHEN status IN ('queued', 'held', 'retry') THEN 'cancelled' ELSE status END,
    reason       = CASE WHEN status IN ('queued', 'held', 'retry') THEN 'erased' ELSE reason END,
    settled_at   = CASE WHEN status IN ('queued', 'held', 'retry') THEN $2 ELSE settled_at END,
    domain       = NULL,
    address      = NULL,
    subject_line = NULL,
    answer       = NULL,
    frozen       = NULL
WHERE person_id = $1
RETURNING public_id, attempt
