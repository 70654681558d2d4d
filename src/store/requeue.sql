-- A row that was attempted keeps its bytes; what was erased or replaced meanwhile is not said again.
--
-- Of a merged mail, whichever of its parts is named: what may have arrived leaves again as it was, and its parts
-- stay with it until it is known how it ends. What has surely not arrived, or cannot be said again as it was, is
-- taken apart: each leaves as itself.
WITH named AS (SELECT first.id,
                      first.status IN ('unknown', 'queued', 'sending', 'retry')
                          AND first.frozen IS NOT NULL
                          AND NOT EXISTS (SELECT 1
                                          FROM subjects AS s
                                          WHERE s.id = first.subject_id AND s.erased_at IS NOT NULL)
                          AND NOT EXISTS (SELECT 1
                                          FROM outbox AS newer
                                          WHERE newer.subject_id = first.subject_id
                                            AND newer.occurrence = first.occurrence
                                            AND newer.seat = first.seat
                                            AND newer.revision > first.revision) AS is_whole
               FROM outbox AS one
               CROSS JOIN outbox AS first
               WHERE one.id = $1
                 AND first.id = COALESCE(one.merged_into, one.id)),
     meant AS MATERIALIZED (SELECT part.id, named.is_whole
                            FROM named
                            CROSS JOIN outbox AS part
                            WHERE part.id = named.id
                               OR (part.merged_into = named.id AND NOT named.is_whole))
UPDATE outbox
SET status      = 'queued',
    reason      = 'asked',
    settled_at  = NULL,
    not_before  = CASE WHEN not_before < $2 THEN not_before ELSE $2 END,
    merged_into = NULL,
    frozen      = CASE WHEN meant.is_whole THEN frozen
                       WHEN EXISTS (SELECT 1 FROM outbox AS part WHERE part.merged_into = outbox.id) THEN NULL
                       ELSE frozen END
FROM meant
WHERE outbox.id = meant.id
  AND status IN (SELECT atom FROM json_each($3))
  AND NOT EXISTS (SELECT 1 FROM subjects AS s WHERE s.id = outbox.subject_id AND s.erased_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1
                  FROM outbox AS newer
                  WHERE newer.subject_id = outbox.subject_id
                    AND newer.occurrence = outbox.occurrence
                    AND newer.seat = outbox.seat
                    AND newer.revision > outbox.revision)
