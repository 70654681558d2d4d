-- How many mails to an address came back for now since $2 with no success after them: a mail of the same case to
-- the same address that was sent and has not come back.
SELECT count(DISTINCT r.outbox_id)
FROM received AS r
WHERE r.recipient = $1
  AND r.detail = 'soft'
  AND r.at > $2
  AND NOT EXISTS (SELECT 1
                  FROM outbox AS o
                  WHERE o.subject_id = r.subject_id
                    AND lower(o.address) = r.recipient
                    AND o.status = 'sent'
                    AND o.settled_at > r.at
                    AND NOT EXISTS (SELECT 1 FROM received AS b WHERE b.outbox_id = o.id))
