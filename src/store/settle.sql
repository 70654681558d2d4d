-- A retry of what has been replaced or erased meanwhile is not one.
UPDATE outbox
SET status     = CASE WHEN j.status <> 'retry' THEN j.status
                      WHEN outbox.frozen IS NULL OR j.replaced THEN 'cancelled'
                      ELSE 'retry' END,
    reason     = CASE WHEN j.status <> 'retry' THEN NULL
                      WHEN outbox.frozen IS NULL THEN 'erased'
                      WHEN j.replaced THEN 'superseded' END,
    settled_at = CASE WHEN j.status = 'retry' AND outbox.frozen IS NOT NULL AND NOT j.replaced THEN NULL
                      ELSE ?2 END,
    not_before = COALESCE(j.not_before, outbox.not_before),
    answer     = j.answer
FROM (SELECT o.id,
             f.value ->> 'status'     AS status,
             f.value ->> 'not_before' AS not_before,
             f.value ->> 'answer'     AS answer,
             EXISTS (SELECT 1
                     FROM outbox AS newer
                     WHERE newer.subject_id = o.subject_id
                       AND newer.occurrence = o.occurrence
                       AND newer.seat = o.seat
                       AND newer.revision > o.revision) AS replaced
      FROM json_each(?1) AS f
      CROSS JOIN outbox AS o
      WHERE o.id = f.value ->> 'id'
        AND o.attempt = f.value ->> 'attempt'
        AND o.status = 'sending') AS j
WHERE outbox.id = j.id
RETURNING outbox.id
