-- LIMIT has a cast because SQLite plans by the value of a bare parameter there, and compiles the
-- statement anew each time one is bound.
SELECT next_due_at, id
FROM subjects
WHERE next_due_at IS NOT NULL
  AND faults < 5
  AND next_due_at <= $1
  AND (retry_at IS NULL OR retry_at <= $1)
  AND (next_due_at, id) > ($3, $4)
ORDER BY next_due_at, id
LIMIT CAST($2 AS BIGINT)
