-- The attempt is the fence: a process whose lease has ended changes nothing any more.
UPDATE deliveries
SET status     = e.value ->> 'status',
    not_before = COALESCE(CAST(e.value ->> 'not_before' AS BIGINT), deliveries.not_before),
    settled_at = CASE WHEN e.value ->> 'status' = 'waiting' THEN NULL ELSE $2 END,
    answer     = e.value ->> 'answer'
FROM json_each($1) AS e
WHERE deliveries.id = CAST(e.value ->> 'id' AS BIGINT)
  AND deliveries.attempt = CAST(e.value ->> 'attempt' AS BIGINT)
  AND deliveries.status = 'waiting'
RETURNING deliveries.hook_id
