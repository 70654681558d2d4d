-- $1 holds; $2 an organisation, or NULL for all; $3 a pattern that the states have, or NULL for any.
SELECT p.case_id, p.came, p.moved, COALESCE(h.name, '')
FROM progress AS p
JOIN subject_keys AS k ON k.id = p.case_id
LEFT JOIN people AS h ON h.id = k.person_id
WHERE p.cohort_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
  AND (CAST($2 AS BIGINT) IS NULL OR p.organisation_id = CAST($2 AS BIGINT))
  AND (CAST($3 AS TEXT) IS NULL OR p.came LIKE CAST($3 AS TEXT) ESCAPE '\')
