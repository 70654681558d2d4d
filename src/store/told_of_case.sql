-- Mail that has left, or may have, that a case brought forth, or that its hold or workflow has sent since an instant
-- about its cases: to whom.
SELECT o.subject_id, o.seat, o.subject_line
FROM outbox AS o
WHERE o.subject_id = $1 AND o.status IN ('sending', 'retry', 'sent', 'unknown')
UNION ALL
SELECT bundle.subject_id, item.seat, bundle.subject_line
FROM gather_items AS item
JOIN outbox AS bundle ON bundle.id = item.bundle_id
WHERE item.subject_id = $1 AND bundle.status IN ('sending', 'retry', 'sent', 'unknown')
UNION ALL
SELECT o.subject_id, o.seat, o.subject_line
FROM outbox AS o
WHERE o.subject_id IN (SELECT own.cohort_id
                       FROM subjects AS own
                       WHERE own.id = $1
                       UNION ALL
                       SELECT theirs.id
                       FROM subjects AS own
                       JOIN subjects AS theirs ON theirs.workflow = own.workflow
                       WHERE own.id = $1 AND theirs.kind = 'workflow')
  AND o.status IN ('sending', 'retry', 'sent', 'unknown')
  AND (o.settled_at IS NULL OR o.settled_at >= $2)
  AND o.intent NOT LIKE '%"cases_in":[]%'
