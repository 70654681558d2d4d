-- The first of each.
UPDATE deliveries
SET attempt = attempt + 1
WHERE id IN (SELECT (SELECT d.id
                     FROM deliveries AS d
                     WHERE d.hook_id = CAST(j.atom AS BIGINT) AND d.status = 'waiting' AND d.not_before <= $2
                     ORDER BY d.not_before, d.id
                     LIMIT 1)
             FROM json_each($1) AS j)
RETURNING id
