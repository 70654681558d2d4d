-- A newer revision takes the place of what its stream has not said yet.
UPDATE outbox
SET status = 'cancelled', reason = 'superseded', settled_at = $2
FROM (SELECT CAST(value ->> 'subject_id' AS BIGINT) AS subject_id,
             value ->> 'occurrence' AS occurrence,
             value ->> 'seat'       AS seat,
             CAST(value ->> 'revision' AS BIGINT)   AS revision
      FROM json_each($1)) AS j
WHERE outbox.subject_id = j.subject_id
  AND outbox.occurrence = j.occurrence
  AND outbox.seat = j.seat
  AND outbox.revision < j.revision
  AND outbox.status IN ('queued', 'held', 'retry')
