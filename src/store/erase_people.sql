-- A person goes with the last of their cases, and never while they are staff.
UPDATE people
SET name = '', email = NULL, phone = NULL, born = NULL, erased = $2
WHERE id IN (SELECT person_id FROM subjects WHERE id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1)))
  AND NOT EXISTS (SELECT 1 FROM subjects AS s WHERE s.person_id = people.id AND s.erased_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM staff_roles AS r WHERE r.person_id = people.id)
