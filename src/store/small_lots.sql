-- Lots of late mail with at most $2 mails, once nothing is due at $1 that may add to them, whoever has
-- claimed it. What is held because the database was put back waits for a person, however little it is.
-- A lot is counted no further than to see that it is too large.
WITH RECURSIVE
    lots (lot) AS (
        SELECT min(late_lot) FROM outbox WHERE status = 'held' AND late_lot IS NOT NULL
        UNION ALL
        SELECT (SELECT min(o.late_lot) FROM outbox AS o WHERE o.status = 'held' AND o.late_lot > lots.lot)
        FROM lots
        WHERE lots.lot IS NOT NULL
    )
SELECT lots.lot
FROM lots
WHERE lots.lot IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM restores WHERE restores.at = lots.lot)
  AND (SELECT count(*)
       FROM (SELECT 1 FROM outbox AS o WHERE o.status = 'held' AND o.late_lot = lots.lot LIMIT $2 + 1) AS few) <= $2
  AND NOT EXISTS (SELECT 1
                  FROM subjects
                  WHERE next_due_at IS NOT NULL
                    AND faults < 5
                    AND next_due_at <= $1
                    AND (retry_at IS NULL OR retry_at <= $1))
  AND NOT EXISTS (SELECT 1 FROM gather_items WHERE bundle_id IS NULL AND close_at <= $1)
