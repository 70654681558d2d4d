-- By the few priorities, each at the end of the index. What is stopped is due when nothing stops it any more.
WITH RECURSIVE
    ready (priority) AS (
        SELECT min(priority) FROM outbox WHERE status IN ('queued', 'retry')
        UNION ALL
        SELECT (SELECT min(o.priority)
                FROM outbox AS o
                WHERE o.status IN ('queued', 'retry') AND o.priority > ready.priority)
        FROM ready
        WHERE ready.priority IS NOT NULL
    )
SELECT min(at)
FROM (SELECT (SELECT o.not_before
              FROM outbox AS o
              WHERE o.status IN ('queued', 'retry')
                AND o.priority = ready.priority
                AND (NOT EXISTS (SELECT 1 FROM stops WHERE ended_at IS NULL)
                  OR NOT EXISTS (SELECT 1 FROM stopped WHERE stopped.outbox_id = o.id LIMIT 1 OFFSET 0))
              ORDER BY o.not_before
              LIMIT 1) AS at
      FROM ready
      WHERE (SELECT mail_on FROM mail_switch) = 1) AS next
