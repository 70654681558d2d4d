-- A bundle of its own, in the stream of this item and else as the bundle that it is in.
INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, status, reason, priority, not_before, late_lot,
                    address, intent, group_key, created_at)
SELECT g.subject_id, g.occurrence, g.seat, 0, g.public_id, o.status, o.reason, o.priority, o.not_before, o.late_lot,
       o.address, o.intent, o.group_key, o.created_at
FROM gather_items AS g
JOIN outbox AS o ON o.id = g.bundle_id
WHERE g.id = $1
RETURNING id
