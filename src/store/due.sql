-- Casts, because SQLite compares a bare parameter with the conditions of the other partial indexes, and
-- then compiles the statement anew each time another value is bound.
SELECT next_due_at, id
FROM subjects
WHERE next_due_at IS NOT NULL
  AND faults < 5
  AND next_due_at <= CAST($1 AS BIGINT)
  AND (retry_at IS NULL OR retry_at <= CAST($1 AS BIGINT))
  AND (next_due_at, id) > (CAST($3 AS BIGINT), CAST($4 AS BIGINT))
ORDER BY next_due_at, id
LIMIT $2
