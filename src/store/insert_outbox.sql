-- What was to leave before the database was put back may have left: it is held.
INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason,
                    priority, not_before, late_lot, intent, created_at)
SELECT subject_id, occurrence, seat, revision, public_id, method,
       CASE WHEN not_before <= (SELECT max(at) FROM restores) THEN 'held' ELSE status END,
       CASE WHEN not_before <= (SELECT max(at) FROM restores) THEN 'restored' ELSE reason END,
       priority, not_before,
       CASE WHEN not_before <= (SELECT max(at) FROM restores) THEN (SELECT max(at) FROM restores)
            ELSE late_lot END,
       intent, created_at
FROM rows
