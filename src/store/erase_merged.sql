-- What was merged into another mail stands in its bytes.
UPDATE outbox
SET frozen = NULL
WHERE $2 IS NOT NULL
  AND id IN (SELECT part.merged_into
             FROM outbox AS part
             WHERE part.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
               AND part.merged_into IS NOT NULL)
