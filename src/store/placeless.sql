SELECT s.id, s.snapshot, b.born
FROM subject_keys AS k
JOIN subjects AS s ON s.id = k.id
JOIN subjects AS h ON h.id = k.cohort_id
LEFT JOIN people AS b ON b.id = s.person_id
WHERE k.cohort_id = $1
  AND s.faults = 0
  AND h.faults = 0
  AND s.state IN (SELECT atom FROM json_each($2))
ORDER BY s.id
