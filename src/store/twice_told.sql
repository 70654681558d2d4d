-- Which mails would tell one person the same in another seat: one that was attempted earlier, or
-- one that stands before it here.
SELECT j.key
FROM json_each($1) AS j
CROSS JOIN outbox AS o
WHERE o.id = CAST(j.value ->> 'id' AS BIGINT)
  AND EXISTS (SELECT 1
              FROM outbox AS sibling
              WHERE sibling.subject_id = o.subject_id
                AND sibling.occurrence = o.occurrence
                AND sibling.revision = o.revision
                AND sibling.seat <> o.seat
                AND ((sibling.person_id = COALESCE(o.person_id, CAST(j.value ->> 'person_id' AS BIGINT))
                        AND sibling.status IN ('sending', 'retry', 'sent', 'unknown'))
                  OR EXISTS (SELECT 1
                             FROM json_each($1) AS earlier
                             WHERE earlier.key < j.key
                               AND CAST(earlier.value ->> 'id' AS BIGINT) = sibling.id
                               AND CAST(earlier.value ->> 'person_id' AS BIGINT) = CAST(j.value ->> 'person_id' AS BIGINT))))
