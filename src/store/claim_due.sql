-- What another process has locked is passed over. OFFSET 0 keeps the lock from being tried before
-- the row is known to be due.
SELECT next_due_at, id
FROM (SELECT next_due_at, id
      FROM subjects
      WHERE next_due_at IS NOT NULL
        AND faults < 5
        AND next_due_at <= $1
        AND (retry_at IS NULL OR retry_at <= $1)
        AND (next_due_at, id) > ($3, $4)
      ORDER BY next_due_at, id
      OFFSET 0) AS due
WHERE pg_try_advisory_lock(id)
LIMIT $2
