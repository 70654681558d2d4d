INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason,
                    priority, not_before, late_lot, intent, created_at)
SELECT subject_id, occurrence, seat, revision, public_id, method, status, reason,
       priority, not_before, late_lot, intent, created_at
FROM rows
