-- A row that was attempted keeps its bytes; what was erased or replaced meanwhile is not said again. A merged
-- mail is taken apart, whichever of its parts is named: each leaves as itself.
UPDATE outbox
SET status      = 'queued',
    reason      = 'asked',
    settled_at  = NULL,
    not_before  = CASE WHEN not_before < $2 THEN not_before ELSE $2 END,
    merged_into = NULL,
    frozen      = CASE WHEN EXISTS (SELECT 1 FROM outbox AS part WHERE part.merged_into = outbox.id) THEN NULL
                       ELSE frozen END
WHERE id IN (SELECT part.id
             FROM outbox AS named
             CROSS JOIN outbox AS part
             WHERE named.id = $1
               AND (part.id = COALESCE(named.merged_into, named.id)
                 OR part.merged_into = COALESCE(named.merged_into, named.id)))
  AND status IN (SELECT atom FROM json_each($3))
  AND NOT EXISTS (SELECT 1 FROM subjects AS s WHERE s.id = outbox.subject_id AND s.erased_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1
                  FROM outbox AS newer
                  WHERE newer.subject_id = outbox.subject_id
                    AND newer.occurrence = outbox.occurrence
                    AND newer.seat = outbox.seat
                    AND newer.revision > outbox.revision)
