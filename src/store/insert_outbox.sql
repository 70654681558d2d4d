-- What was to leave before the database was put back may have left: it is held.
INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, method, status, reason,
                    priority, not_before, late_lot, intent, created_at)
SELECT CAST(value ->> 'subject_id' AS BIGINT),
       value ->> 'occurrence',
       value ->> 'seat',
       CAST(value ->> 'revision' AS BIGINT),
       value ->> 'public_id',
       value ->> 'method',
       CASE WHEN CAST(value ->> 'not_before' AS BIGINT) <= (SELECT max(at) FROM restores) THEN 'held'
            ELSE value ->> 'status' END,
       CASE WHEN CAST(value ->> 'not_before' AS BIGINT) <= (SELECT max(at) FROM restores) THEN 'restored'
            ELSE value ->> 'reason' END,
       CAST(value ->> 'priority' AS BIGINT),
       CAST(value ->> 'not_before' AS BIGINT),
       CASE WHEN CAST(value ->> 'not_before' AS BIGINT) <= (SELECT max(at) FROM restores)
            THEN (SELECT max(at) FROM restores)
            ELSE CAST(value ->> 'late_lot' AS BIGINT) END,
       value ->> 'intent',
       $2
FROM json_each($1)
