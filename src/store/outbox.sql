SELECT o.id, o.subject_id, o.occurrence, o.seat, o.revision, o.public_id, o.method, o.status, o.reason,
       o.priority, o.not_before, o.late_lot, o.attempt, o.node, o.domain, o.person_id, o.address, o.told,
       o.intent, o.group_key, o.subject_line, o.answer, o.created_at, o.settled_at,
       o.merged_into, o.counted_on
FROM outbox AS o
JOIN subject_keys AS k ON k.id = o.subject_id
WHERE ($1 IS NULL OR o.status = $1)
  AND ($2 IS NULL OR k.cohort_id = $2 OR k.id = $2)
