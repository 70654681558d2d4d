-- LIMIT as in due.sql.
SELECT id
FROM subjects
WHERE workflow = $1
  AND kind = 'case'
  AND id > $2
  AND next_due_at <= $3
  AND faults < 5
  AND (retry_at IS NULL OR retry_at <= $3)
ORDER BY id
LIMIT 1
