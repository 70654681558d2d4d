-- Which writes were computed from what is still so.
SELECT j.key
FROM json_each($1) AS j
CROSS JOIN subjects AS s
LEFT JOIN subjects AS c ON c.id = CAST(j.value ->> 'cohort_id' AS BIGINT)
WHERE s.id = CAST(j.value ->> 'subject_id' AS BIGINT)
  AND s.seq = CAST(j.value ->> 'expect_seq' AS BIGINT)
  AND (SELECT plan_rev FROM cluster) = CAST(j.value ->> 'plan_rev' AS BIGINT)
  AND (CAST(j.value ->> 'cohort_id' AS BIGINT) IS NULL OR c.broadcast = CAST(j.value ->> 'broadcast' AS BIGINT))
ORDER BY j.key
