-- What an import changed of people that go, as erase_people.sql says.
UPDATE import_cases
SET was = NULL
WHERE $2 IS NOT NULL
  AND person_id IN (SELECT p.id
                    FROM subject_keys AS k
                    JOIN people AS p ON p.id = k.person_id
                    WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
                      AND p.erased = $2)
