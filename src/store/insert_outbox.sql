INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason,
                    priority, not_before, late_lot, intent, created_at)
SELECT CAST(value ->> 'subject_id' AS BIGINT),
       value ->> 'occurrence',
       value ->> 'seat',
       CAST(value ->> 'revision' AS BIGINT),
       value ->> 'public_id',
       value ->> 'method',
       value ->> 'status',
       value ->> 'reason',
       CAST(value ->> 'priority' AS BIGINT),
       CAST(value ->> 'not_before' AS BIGINT),
       CAST(value ->> 'late_lot' AS BIGINT),
       value ->> 'intent',
       $2
FROM json_each($1)
