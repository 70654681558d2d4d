-- The attempt is the fence. A process that stalled until the others gave it up may still say how its
-- exchange ended, as long as nobody has begun another: what is known for certain is better than
-- `unknown`. That it could be tried again is not such an end: that is for a person to say.
-- A retry of what has been replaced or erased meanwhile is not one.
UPDATE outbox
SET status     = CASE WHEN j.status <> 'retry' THEN j.status
                      WHEN outbox.frozen IS NULL OR j.replaced THEN 'cancelled'
                      ELSE 'retry' END,
    reason     = CASE WHEN j.status <> 'retry' THEN NULL
                      WHEN outbox.frozen IS NULL THEN 'erased'
                      WHEN j.replaced THEN 'superseded' END,
    settled_at = CASE WHEN j.status = 'retry' AND outbox.frozen IS NOT NULL AND NOT j.replaced THEN NULL
                      ELSE $2 END,
    not_before = COALESCE(j.not_before, outbox.not_before),
    answer     = j.answer
FROM (SELECT o.id,
             f.value ->> 'status'     AS status,
             CAST(f.value ->> 'not_before' AS BIGINT) AS not_before,
             f.value ->> 'answer'     AS answer,
             EXISTS (SELECT 1
                     FROM outbox AS newer
                     WHERE newer.subject_id = o.subject_id
                       AND newer.occurrence = o.occurrence
                       AND newer.seat = o.seat
                       AND newer.revision > o.revision) AS replaced
      FROM json_each($1) AS f
      CROSS JOIN outbox AS o
      WHERE o.id = CAST(f.value ->> 'id' AS BIGINT)
        AND o.attempt = CAST(f.value ->> 'attempt' AS BIGINT)
        AND (o.status = 'sending'
          OR (o.status = 'unknown' AND o.reason = 'orphaned' AND f.value ->> 'status' IN ('sent', 'failed')))) AS j
WHERE outbox.id = j.id
RETURNING outbox.id
