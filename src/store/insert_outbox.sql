-- What was to leave before the database was put back may have left: it is held. What is late
-- belongs to the newest wake, also when it comes from a process that stood still since before.
INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason,
                    priority, not_before, late_lot, intent, created_at)
SELECT subject_id, occurrence, seat, revision, public_id, method,
       CASE WHEN not_before <= (SELECT max(at) FROM restores) THEN 'held' ELSE status END,
       CASE WHEN not_before <= (SELECT max(at) FROM restores) THEN 'restored' ELSE reason END,
       priority, not_before,
       CASE WHEN not_before <= (SELECT max(at) FROM restores) THEN (SELECT max(at) FROM restores)
            WHEN late_lot < (SELECT lot FROM wakes) THEN (SELECT lot FROM wakes)
            ELSE late_lot END,
       intent, created_at
FROM rows
