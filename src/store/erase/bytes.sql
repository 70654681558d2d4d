-- What other mail says of the erased: what was merged or gathered with theirs, and what their hold's and their
-- workflow's mail told of its cases. The rows stay, and what is to be tried again is rendered anew: a mail that others were
-- merged into also while it is on the wire, since it may be tried again at once. What else is on the wire keeps its bytes
-- until it has ended (shred.sql).
UPDATE outbox
SET frozen       = CASE WHEN status = 'sending'
                         AND NOT EXISTS (SELECT 1
                                         FROM outbox AS theirs
                                         WHERE theirs.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
                                           AND theirs.merged_into = outbox.id)
                        THEN frozen END,
    subject_line = CASE WHEN status = 'sending' THEN subject_line END
WHERE id IN (SELECT part.merged_into
             FROM outbox AS part
             WHERE part.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
               AND part.merged_into IS NOT NULL
             UNION ALL
             SELECT item.bundle_id
             FROM gather_items AS item
             WHERE item.subject_id IN (SELECT CAST(atom AS BIGINT) FROM json_each($1))
             UNION ALL
             SELECT told.id
             FROM json_each($1) AS j
             CROSS JOIN subject_keys AS k
             CROSS JOIN outbox AS told
             WHERE k.id = CAST(j.atom AS BIGINT)
               AND told.subject_id = k.cohort_id
               AND told.intent NOT LIKE '%"cases_in":[]%'
             UNION ALL
             SELECT told.id
             FROM (SELECT own.id, min(opened.at) AS since
                   FROM json_each($1) AS j
                   CROSS JOIN subjects AS s
                   CROSS JOIN events AS opened
                   CROSS JOIN subjects AS own
                   WHERE s.id = CAST(j.atom AS BIGINT)
                     AND opened.subject_id = s.id
                     AND opened.seq = 1
                     AND own.workflow = s.workflow
                     AND own.kind = 'workflow'
                   GROUP BY own.id) AS w
             CROSS JOIN outbox AS told
             WHERE told.subject_id = w.id
               AND (told.settled_at IS NULL OR told.settled_at >= w.since)
               AND told.intent NOT LIKE '%"cases_in":[]%')
RETURNING public_id, attempt
