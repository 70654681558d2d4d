-- Mail that was refused for good, as its exchange has just ended.
INSERT INTO deliveries (hook_id, event, kind, subject_id, outbox_id, at, not_before)
SELECT h.id, o.public_id || '-' || o.attempt || '-' || $2, 'mail.failed', o.subject_id, o.id, $3, $3
FROM json_each($1) AS j
CROSS JOIN outbox AS o
CROSS JOIN hooks AS h
WHERE o.id = CAST(j.atom AS BIGINT)
  AND o.status = 'failed'
  AND h.revoked_at IS NULL
  AND h.kinds LIKE '% mail.failed %'
