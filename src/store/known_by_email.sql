-- People with one of these addresses, whatever their case.
SELECT p.id
FROM json_each($1) AS j
CROSS JOIN people AS p
WHERE p.email = j.atom AND p.email IS NOT NULL AND p.erased IS NULL
