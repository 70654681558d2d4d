-- People who were born on one of these days.
SELECT p.id
FROM json_each($1) AS j
CROSS JOIN people AS p
WHERE p.born = j.atom AND p.born IS NOT NULL AND p.erased IS NULL
