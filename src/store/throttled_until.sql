-- When the next domain is free that ready mail waits for.
SELECT min(t.free_at)
FROM throttles AS t
WHERE t.free_at > $1
  AND COALESCE(t.per_minute, (SELECT others.per_minute FROM throttles AS others WHERE others.domain = '*'))
      IS NOT NULL
  AND EXISTS (SELECT 1
              FROM outbox AS o
              WHERE o.status IN ('queued', 'retry')
                AND o.not_before <= $1
                AND o.domain = t.domain)
