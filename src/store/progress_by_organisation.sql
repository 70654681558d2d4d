-- $1 holds; $2 an organisation, or NULL for all.
SELECT p.organisation_id, p.came, p.moved, count(*)
FROM progress AS p
WHERE p.cohort_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
  AND (CAST($2 AS BIGINT) IS NULL OR p.organisation_id = CAST($2 AS BIGINT))
GROUP BY p.organisation_id, p.came, p.moved
