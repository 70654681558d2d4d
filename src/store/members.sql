-- $1 a hold, or NULL for all holds of the workflow $2; $3 states, [] for all. LIMIT as in due.sql.
SELECT m.id, m.public_id, m.cohort_id, m.version_id, m.person_id, m.organisation_id, m.seq, m.state, m.snapshot
FROM subject_keys AS k
JOIN subjects AS m ON m.id = k.id
WHERE k.cohort_id IN (SELECT c.id
                      FROM subjects AS c
                      WHERE c.kind = 'cohort' AND c.workflow = $2 AND ($1 IS NULL OR c.id = $1))
  AND ($3 = '[]' OR m.state IN (SELECT atom FROM json_each($3)))
  AND k.id > $4
ORDER BY k.id
LIMIT CAST($5 AS BIGINT)
