-- How much mail whose time has come each stop keeps back.
SELECT t.id,
       (SELECT count(*)
        FROM outbox AS o
        WHERE o.status IN ('queued', 'retry')
          AND o.not_before <= $1
          AND EXISTS (SELECT 1
                      FROM stopped
                      WHERE stopped.outbox_id = o.id AND stopped.stop_id = t.id
                      LIMIT 1 OFFSET 0))
FROM stops AS t
WHERE t.ended_at IS NULL
