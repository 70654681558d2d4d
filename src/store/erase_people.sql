-- A person goes with the last of their cases, and never while they are staff.
UPDATE people
SET name = '', email = NULL, phone = NULL, born = NULL, erased = $2
WHERE id IN (SELECT person_id FROM subject_keys WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)))
  AND NOT EXISTS (SELECT 1
                  FROM subject_keys AS k
                  JOIN subjects AS s ON s.id = k.id
                  WHERE k.person_id = people.id AND s.erased_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM staff_roles AS r WHERE r.person_id = people.id)
