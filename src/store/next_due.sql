-- The smallest of four, each found at the end of an index; the outbox by its few priorities.
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
FROM (SELECT (SELECT next_due_at
              FROM subjects
              WHERE next_due_at IS NOT NULL AND faults < 5 AND retry_at IS NULL
              ORDER BY next_due_at
              LIMIT 1) AS at
      UNION ALL
      SELECT min(CASE WHEN retry_at > next_due_at THEN retry_at ELSE next_due_at END)
      FROM subjects
      WHERE next_due_at IS NOT NULL AND faults < 5 AND retry_at IS NOT NULL AND retry_at >= 0
      UNION ALL
      SELECT (SELECT min(o.not_before)
              FROM outbox AS o
              WHERE o.status IN ('queued', 'retry') AND o.priority = ready.priority)
      FROM ready
      WHERE (SELECT mail_on FROM cluster) = 1
      UNION ALL
      SELECT min(close_at) FROM gather_items WHERE bundle_id IS NULL) AS due
