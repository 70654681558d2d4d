-- Those of some cases with a note that is not struck out, or a file that is not removed.
SELECT DISTINCT CAST(j.atom AS BIGINT)
FROM json_each($1) AS j
WHERE EXISTS (SELECT 1
              FROM notes AS n
              WHERE n.case_id = CAST(j.atom AS BIGINT) AND n.struck_at IS NULL)
   OR EXISTS (SELECT 1
              FROM documents AS d
              WHERE d.case_id = CAST(j.atom AS BIGINT) AND d.removed_at IS NULL)
