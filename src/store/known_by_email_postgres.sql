-- People with one of these addresses, whatever their case.
SELECT p.id
FROM json_each($1) AS j
JOIN people AS p ON lower(p.email) = lower(j.atom)
WHERE p.email IS NOT NULL AND p.erased IS NULL
