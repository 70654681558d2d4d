-- Mail of one priority. Ids of mail and of subjects are locked apart: those of mail by their negative.
SELECT id
FROM (SELECT o.id
      FROM outbox AS o
      WHERE o.status IN ('queued', 'retry')
        AND o.priority = $3
        AND o.not_before <= $1
        AND (NOT EXISTS (SELECT 1 FROM stops WHERE ended_at IS NULL)
          OR NOT EXISTS (SELECT 1 FROM stopped WHERE stopped.outbox_id = o.id LIMIT 1 OFFSET 0))
        AND NOT EXISTS (SELECT 1
                        FROM outbox AS sibling
                        WHERE sibling.subject_id = o.subject_id
                          AND sibling.occurrence = o.occurrence
                          AND sibling.seat = o.seat
                          AND sibling.status = 'sending')
      AND NOT EXISTS (SELECT 1
                      FROM throttles AS t
                      WHERE t.domain = o.domain
                        AND t.free_at > $1
                        AND COALESCE(t.per_minute,
                                     (SELECT others.per_minute FROM throttles AS others WHERE others.domain = '*'))
                            IS NOT NULL)
      ORDER BY o.not_before, o.id
      OFFSET 0) AS ready
WHERE pg_try_advisory_lock(-id)
LIMIT $2
