-- The cases of people, with the hold of each.
SELECT s.id, s.public_id, s.person_id, s.cohort_id, s.snapshot, c.title, s.workflow
FROM json_each($1) AS j
CROSS JOIN subject_keys AS k
CROSS JOIN subjects AS s
CROSS JOIN subjects AS c
WHERE k.person_id = CAST(j.atom AS BIGINT) AND s.id = k.id AND c.id = s.cohort_id
