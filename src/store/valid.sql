-- Which writes were computed from what is still so.
SELECT j.key
FROM json_each($1) AS j
CROSS JOIN subjects AS s
LEFT JOIN subjects AS c ON c.id = CAST(j.value ->> 'cohort_id' AS BIGINT)
WHERE s.id = CAST(j.value ->> 'subject_id' AS BIGINT)
  AND s.seq = CAST(j.value ->> 'expect_seq' AS BIGINT)
  AND (SELECT plan_rev FROM cluster) = CAST(j.value ->> 'plan_rev' AS BIGINT)
  AND (CAST(j.value ->> 'cohort_id' AS BIGINT) IS NULL OR c.broadcast = CAST(j.value ->> 'broadcast' AS BIGINT))
  -- News may bring mail and no event, so that the sequence alone would not tell that it has been taken.
  AND NOT EXISTS (SELECT 1
                  FROM json_each(j.value -> 'inbox_done') AS n
                  JOIN inbox AS i ON i.id = CAST(n.atom AS BIGINT)
                  WHERE i.done_seq IS NOT NULL)
ORDER BY j.key
