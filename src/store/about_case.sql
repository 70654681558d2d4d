-- How mail about a case stands, whoever's row it is in: its own, what it was gathered into, and what its hold says to it
-- alone.
SELECT o.id, o.occurrence, o.status, o.reason
FROM outbox AS o
WHERE o.subject_id = $1
UNION ALL
SELECT bundle.id, item.occurrence, bundle.status, bundle.reason
FROM gather_items AS item
JOIN outbox AS bundle ON bundle.id = item.bundle_id
WHERE item.subject_id = $1
UNION ALL
SELECT theirs.id, theirs.occurrence, theirs.status, theirs.reason
FROM subject_keys AS k
JOIN outbox AS theirs ON theirs.subject_id = k.cohort_id
WHERE k.id = $1 AND theirs.seat = 'candidate:' || CAST($1 AS TEXT)
