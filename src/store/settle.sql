-- The attempt is the fence. A process that stalled until the others gave it up may still say how its
-- exchange ended, as long as nobody has begun another: what is known for certain is better than
-- `unknown`. That it could be tried again is not such an end: that is for a person to say.
-- What was merged into a mail ends as it does. A merged mail that is to be tried again is taken apart: each of
-- its parts stands for itself, and is decided and put together anew; what leaves of it that day has been counted.
-- One that may have arrived before, and that a person lets go again, stays as it was: its parts are `unknown` till it
-- ends.
-- A retry of what has been replaced or erased meanwhile is not one.
WITH ended AS (SELECT o.id,
                      f.value ->> 'status'     AS status,
                      CAST(f.value ->> 'not_before' AS BIGINT) AS not_before,
                      f.value ->> 'answer'     AS answer,
                      COALESCE(o.counted_on,
                               (SELECT max(part.counted_on) FROM outbox AS part WHERE part.merged_into = o.id))
                          AS counted_on,
                      EXISTS (SELECT 1
                              FROM outbox AS part
                              WHERE part.merged_into = o.id AND part.status = 'sending') AS is_merged
               FROM json_each($1) AS f
               CROSS JOIN outbox AS o
               WHERE o.id = CAST(f.value ->> 'id' AS BIGINT)
                 AND o.attempt = CAST(f.value ->> 'attempt' AS BIGINT)
                 AND (o.status = 'sending'
                   OR (o.status = 'unknown' AND o.reason = 'orphaned'
                       AND f.value ->> 'status' IN ('sent', 'failed')))),
     parts AS MATERIALIZED (SELECT ended.*, ended.id AS part_id
                            FROM ended
                            UNION ALL
                            SELECT ended.*, part.id
                            FROM ended
                            CROSS JOIN outbox AS part
                            WHERE part.merged_into = ended.id
                              AND (ended.status <> 'retry' OR part.status = 'sending'))
UPDATE outbox
SET status      = CASE WHEN j.status <> 'retry' THEN j.status
                       WHEN j.erased OR j.replaced THEN 'cancelled'
                       WHEN j.is_merged THEN 'queued'
                       ELSE 'retry' END,
    reason      = CASE WHEN j.status <> 'retry' THEN NULL
                       WHEN j.erased THEN 'erased'
                       WHEN j.replaced THEN 'superseded'
                       WHEN j.is_merged THEN 'gathered-day' END,
    settled_at  = CASE WHEN j.status = 'retry' AND NOT j.erased AND NOT j.replaced THEN NULL
                       ELSE $2 END,
    not_before  = COALESCE(j.not_before, outbox.not_before),
    merged_into = CASE WHEN j.status = 'retry' THEN NULL ELSE outbox.merged_into END,
    counted_on  = CASE WHEN j.status = 'retry' AND j.is_merged THEN j.counted_on ELSE outbox.counted_on END,
    frozen      = CASE WHEN j.status = 'retry' AND j.is_merged THEN NULL ELSE outbox.frozen END,
    answer      = j.answer
FROM (SELECT part.id,
             e.status,
             e.not_before,
             e.answer,
             e.counted_on,
             e.is_merged,
             CASE WHEN e.is_merged
                      THEN EXISTS (SELECT 1
                                   FROM subjects AS s
                                   WHERE s.id = part.subject_id AND s.erased_at IS NOT NULL)
                  ELSE part.frozen IS NULL END AS erased,
             EXISTS (SELECT 1
                     FROM outbox AS newer
                     WHERE newer.subject_id = part.subject_id
                       AND newer.occurrence = part.occurrence
                       AND newer.seat = part.seat
                       AND newer.revision > part.revision) AS replaced
      FROM parts AS e
      CROSS JOIN outbox AS part
      WHERE part.id = e.part_id) AS j
WHERE outbox.id = j.id
RETURNING outbox.id
