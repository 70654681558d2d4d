-- Lots of late mail, and whether each has at most $1 mails; a larger one only until somebody has been told of it.
-- What is held because the database was put back waits for a person, however little it is.
-- A lot is counted no further than to see that it is too large.
WITH RECURSIVE
    lots (lot) AS (
        SELECT min(late_lot) FROM outbox WHERE status = 'held' AND late_lot IS NOT NULL
        UNION ALL
        SELECT (SELECT min(o.late_lot) FROM outbox AS o WHERE o.status = 'held' AND o.late_lot > lots.lot)
        FROM lots
        WHERE lots.lot IS NOT NULL
    ),
    counted (lot, is_small) AS (
        SELECT lots.lot,
               (SELECT count(*)
                FROM (SELECT 1 FROM outbox AS o WHERE o.status = 'held' AND o.late_lot = lots.lot LIMIT $1 + 1)
                    AS few) <= $1
        FROM lots
        WHERE lots.lot IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM restores WHERE restores.at = lots.lot)
    )
SELECT lot, CAST(CAST(is_small AS INTEGER) AS BIGINT)
FROM counted
WHERE is_small
   OR NOT EXISTS (SELECT 1 FROM late_notices AS told WHERE told.lot = counted.lot)
