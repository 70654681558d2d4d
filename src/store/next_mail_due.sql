-- By the few priorities, each at the end of the index.
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
FROM (SELECT (SELECT min(o.not_before)
              FROM outbox AS o
              WHERE o.status IN ('queued', 'retry') AND o.priority = ready.priority) AS at
      FROM ready
      WHERE (SELECT mail_on FROM cluster) = 1) AS next
