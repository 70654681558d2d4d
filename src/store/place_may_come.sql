SELECT CASE
         WHEN count(*) < $2 THEN CAST(1 AS BIGINT)
         ELSE count(CASE WHEN s.id <> $3 AND s.next_due_at <= $4 AND s.faults < 5
                          AND (s.retry_at IS NULL OR s.retry_at <= $5) THEN 1 END)
       END
FROM places AS p
CROSS JOIN subjects AS s
WHERE p.cohort_id = $1 AND s.id = p.case_id
