-- An address goes with the last person who has it, as erase_people.sql says of people.
DELETE FROM addresses
WHERE $2 IS NOT NULL
  AND address IN (SELECT lower(p.email)
                  FROM subject_keys AS k
                  JOIN people AS p ON p.id = k.person_id
                  WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
                    AND NOT EXISTS (SELECT 1
                                    FROM subject_keys AS o
                                    JOIN subjects AS s ON s.id = o.id
                                    WHERE o.person_id = p.id AND s.erased_at IS NULL)
                    AND NOT EXISTS (SELECT 1 FROM staff_roles AS r WHERE r.person_id = p.id))
