SELECT d.id, d.hook_id, d.attempt, d.event, d.kind, COALESCE(e.at, d.at) AS at, d.outbox_id,
       h.url, h.secret, h.title,
       k.public_id AS subject, hold.public_id AS hold, s.workflow, e.payload
FROM json_each($1) AS j
CROSS JOIN deliveries AS d
CROSS JOIN hooks AS h
CROSS JOIN subject_keys AS k
CROSS JOIN subjects AS s
LEFT JOIN subject_keys AS hold ON hold.id = k.cohort_id
LEFT JOIN events AS e ON e.subject_id = d.subject_id AND e.seq = d.seq
WHERE d.id = CAST(j.atom AS BIGINT)
  AND h.id = d.hook_id
  AND k.id = d.subject_id
  AND s.id = d.subject_id
