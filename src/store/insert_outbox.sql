INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason,
                    priority, not_before, late_lot, intent, created_at)
SELECT value ->> 'subject_id',
       value ->> 'occurrence',
       value ->> 'seat',
       value ->> 'revision',
       value ->> 'public_id',
       value ->> 'method',
       value ->> 'status',
       value ->> 'reason',
       value ->> 'priority',
       value ->> 'not_before',
       value ->> 'late_lot',
       value ->> 'intent',
       ?2
FROM json_each(?1)
