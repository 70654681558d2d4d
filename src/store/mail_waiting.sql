-- Each kind has an index of its own, and none is counted further than anybody needs to know.
SELECT status, count(*) AS mails
FROM (SELECT status FROM outbox WHERE status IN ('queued', 'retry') LIMIT 100000) AS waiting
GROUP BY status
UNION ALL
SELECT 'sending', count(*)
FROM (SELECT id FROM outbox WHERE status = 'sending' LIMIT 100000) AS leaving
UNION ALL
SELECT 'held', count(*)
FROM (SELECT late_lot FROM outbox WHERE status = 'held' LIMIT 100000) AS stopped
