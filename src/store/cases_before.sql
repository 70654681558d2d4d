SELECT s.id, s.snapshot
FROM subject_keys AS k
JOIN subjects AS s ON s.id = k.id
JOIN subjects AS h ON h.id = k.cohort_id
WHERE k.cohort_id = $1
  AND k.id < $2
  AND s.faults = 0
  AND h.faults = 0
  AND s.state IN (SELECT atom FROM json_each($3))
