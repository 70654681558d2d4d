-- $1 a hold, or NULL for all holds of the workflow $2. LIMIT as in due.sql.
SELECT m.id
FROM subject_keys AS k
JOIN subjects AS m ON m.id = k.id
WHERE k.cohort_id IN (SELECT c.id
                      FROM subjects AS c
                      WHERE c.kind = 'cohort' AND c.workflow = $2 AND ($1 IS NULL OR c.id = $1))
  AND k.id > $3
  AND m.next_due_at <= $4
  AND m.faults < 5
  AND (m.retry_at IS NULL OR m.retry_at <= $4)
ORDER BY k.id
LIMIT 1
