-- LIMIT as in due.sql.
SELECT m.id
FROM subject_keys AS k
JOIN subjects AS m ON m.id = k.id
WHERE k.cohort_id = $1
  AND k.id > $2
  AND m.next_due_at <= $3
  AND m.faults < 5
  AND (m.retry_at IS NULL OR m.retry_at <= $3)
ORDER BY k.id
LIMIT 1
