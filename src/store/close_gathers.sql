-- One mail per group of these ($4) that close now, in the stream of its first item by subject: which batch
-- was stored first says nothing.
INSERT INTO outbox (subject_id, occurrence, seat, revision, public_id, status, reason, priority,
                    not_before, late_lot, intent, group_key, created_at)
SELECT first.subject_id,
       first.occurrence,
       first.seat,
       0,
       first.public_id,
       CASE WHEN closing.at < $2 OR closing.at <= (SELECT max(at) FROM restores) THEN 'held' ELSE 'queued' END,
       CASE WHEN closing.at <= (SELECT max(at) FROM restores) THEN 'restored'
            WHEN closing.at < $2 THEN 'late' END,
       closing.priority,
       closing.at,
       CASE WHEN closing.at <= (SELECT max(at) FROM restores) THEN (SELECT max(at) FROM restores)
            WHEN closing.at < $2 AND $3 < (SELECT lot FROM wakes) THEN (SELECT lot FROM wakes)
            WHEN closing.at < $2 THEN $3 END,
       '{}',
       closing.group_key,
       $1
FROM (SELECT group_key, min(close_at) AS at, min(priority) AS priority
      FROM gather_items
      WHERE bundle_id IS NULL
        AND group_key IN (SELECT atom FROM json_each($4))
      GROUP BY group_key) AS closing
JOIN gather_items AS first ON first.id = (SELECT g.id
                                          FROM gather_items AS g
                                          WHERE g.group_key = closing.group_key AND g.bundle_id IS NULL
                                          ORDER BY g.subject_id, g.id
                                          LIMIT 1)
ORDER BY first.id
RETURNING id, group_key
