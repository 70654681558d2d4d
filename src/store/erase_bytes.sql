-- What other mail says of the erased: what was merged or gathered with theirs, and what their hold's mail told
-- of its cases. The rows stay, and what is to be tried again is rendered anew; a digest on the wire keeps its bytes.
UPDATE outbox
SET frozen = NULL
WHERE $2 IS NOT NULL
  AND id IN (SELECT part.merged_into
             FROM outbox AS part
             WHERE part.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
               AND part.merged_into IS NOT NULL
             UNION ALL
             SELECT bundle.id
             FROM gather_items AS item
             JOIN outbox AS bundle ON bundle.id = item.bundle_id
             WHERE item.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
               AND bundle.status <> 'sending'
             UNION ALL
             SELECT told.id
             FROM json_each($1) AS j
             CROSS JOIN subject_keys AS k
             CROSS JOIN outbox AS told
             WHERE k.id = CAST(j.atom AS BIGINT)
               AND told.subject_id = k.cohort_id
               AND told.intent NOT LIKE '%"cases_in":[]%'
               AND told.status <> 'sending')
