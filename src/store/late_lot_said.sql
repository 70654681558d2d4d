-- What is held of a late lot, by hold: those with most mail first. What belongs to no hold goes by its workflow.
SELECT COALESCE(s.title, s.workflow) AS title,
       count(*)                      AS mails,
       min(o.not_before)             AS first,
       max(o.not_before)             AS last
FROM outbox AS o
JOIN subject_keys AS k ON k.id = o.subject_id
JOIN subjects AS s ON s.id = COALESCE(k.cohort_id, k.id)
WHERE o.status = 'held'
  AND o.late_lot = $1
GROUP BY s.id, s.title, s.workflow
ORDER BY mails DESC, s.id
