-- What was written about the erased cases, and what their people wrote elsewhere once they are erased.
UPDATE received
SET from_address = NULL, recipient = NULL, subject_line = NULL, words = NULL, text = NULL
WHERE subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
   OR person_id IN (SELECT p.id
                    FROM subject_keys AS k
                    JOIN people AS p ON p.id = k.person_id
                    WHERE k.id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
                      AND p.erased = $2)
