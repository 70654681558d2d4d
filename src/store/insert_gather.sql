-- The first item opens the bundle and says when it closes; the others join.
INSERT INTO gather_items (group_key, subject_id, occurrence, seat, public_id, priority, intent, close_at)
SELECT j.value ->> 'group_key',
       CAST(j.value ->> 'subject_id' AS BIGINT),
       j.value ->> 'occurrence',
       j.value ->> 'seat',
       j.value ->> 'public_id',
       CAST(j.value ->> 'priority' AS BIGINT),
       j.value ->> 'intent',
       COALESCE((SELECT min(g.close_at)
                 FROM gather_items AS g
                 WHERE g.group_key = j.value ->> 'group_key' AND g.bundle_id IS NULL),
                first_value(CAST(j.value ->> 'close_at' AS BIGINT)) OVER (PARTITION BY j.value ->> 'group_key' ORDER BY j.key))
FROM json_each($1) AS j
ORDER BY j.key
