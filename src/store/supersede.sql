-- A newer revision takes the place of what its stream has not said yet.
UPDATE outbox
SET status = 'cancelled', reason = 'superseded', settled_at = ?2
FROM (SELECT value ->> 'subject_id' AS subject_id,
             value ->> 'occurrence' AS occurrence,
             value ->> 'seat'       AS seat,
             value ->> 'revision'   AS revision
      FROM json_each(?1)) AS j
WHERE outbox.subject_id = j.subject_id
  AND outbox.occurrence = j.occurrence
  AND outbox.seat = j.seat
  AND outbox.revision < j.revision
  AND outbox.status IN ('queued', 'held', 'retry')
