-- Which writes were computed from what is still so.
SELECT j.key
FROM json_each(?1) AS j
CROSS JOIN subjects AS s
LEFT JOIN subjects AS c ON c.id = j.value ->> 'cohort_id'
WHERE s.id = j.value ->> 'subject_id'
  AND s.seq = j.value ->> 'expect_seq'
  AND (SELECT plan_rev FROM cluster) = j.value ->> 'plan_rev'
  AND (j.value ->> 'cohort_id' IS NULL OR c.broadcast = j.value ->> 'broadcast')
ORDER BY j.key
