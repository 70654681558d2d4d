-- The holds of these subjects, and these subjects that are holds.
SELECT s.*,
       CAST(NULL AS BIGINT) AS place,
       (SELECT count(*) FROM places AS p WHERE p.cohort_id = s.id) AS places_taken,
       (SELECT n.id
        FROM subjects AS n
        WHERE n.kind = 'cohort' AND n.workflow = s.workflow AND n.starts_on > s.starts_on AND n.state IS NULL
        ORDER BY n.starts_on, n.id
        LIMIT 1) AS next_cohort
FROM subjects AS s
WHERE s.kind = 'cohort'
  AND s.id IN (SELECT COALESCE(m.cohort_id, m.id)
               FROM subjects AS m
               WHERE m.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)))
