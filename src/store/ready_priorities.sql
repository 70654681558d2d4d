-- The few priorities that queued mail has, each found at the end of the index.
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
SELECT priority
FROM ready
WHERE priority IS NOT NULL AND (SELECT mail_on FROM mail_switch) = 1
ORDER BY priority
