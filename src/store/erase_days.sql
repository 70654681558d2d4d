-- The addresses of a person that goes, as erase_people.sql says: the one they have, and those that their mail
-- was frozen to.
WITH gone AS (SELECT p.id, p.email
              FROM subject_keys AS k
              JOIN people AS p ON p.id = k.person_id
              WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
                AND NOT EXISTS (SELECT 1
                                FROM subject_keys AS o
                                JOIN subjects AS s ON s.id = o.id
                                WHERE o.person_id = p.id AND s.erased_at IS NULL)
                AND NOT EXISTS (SELECT 1 FROM staff_roles AS r WHERE r.person_id = p.id))
DELETE FROM recipient_days
WHERE $2 IS NOT NULL
  AND address IN (SELECT lower(email) FROM gone
                  UNION ALL
                  SELECT lower(o.address)
                  FROM outbox AS o
                  JOIN gone ON gone.id = o.person_id
                  WHERE o.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)))
