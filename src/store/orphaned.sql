-- A node that is alive holds the lock of its name.
WITH gone AS (SELECT node
              FROM (SELECT DISTINCT node FROM outbox WHERE status = 'sending' OFFSET 0) AS nodes
              WHERE pg_try_advisory_xact_lock(hashtextextended(node, 1)))
UPDATE outbox
SET status = 'unknown', reason = 'orphaned', settled_at = $1
WHERE status = 'sending' AND node IN (SELECT node FROM gone)
