-- The mails to be shredded that are no longer on the wire. What was told of the erased while one was, goes now.
UPDATE outbox
SET frozen = NULL, subject_line = NULL, answer = NULL
WHERE status <> 'sending'
  AND public_id IN (SELECT public_id FROM shreds)
RETURNING public_id
