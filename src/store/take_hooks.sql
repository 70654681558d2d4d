-- The hooks that have something to be told now, and of which nothing is on the wire. On PostgreSQL the second of two
-- processes waits for the row, and finds it taken.
UPDATE hooks
SET taken_until = $2
WHERE revoked_at IS NULL
  AND COALESCE(taken_until, 0) <= $1
  AND EXISTS (SELECT 1
              FROM deliveries AS d
              WHERE d.hook_id = hooks.id AND d.status = 'waiting' AND d.not_before <= $1)
RETURNING id
