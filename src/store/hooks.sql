SELECT h.id, h.public_id, h.title, h.url, h.kinds, h.made_by, h.created_at, h.revoked_at, h.revoked_why,
       (SELECT count(*) FROM deliveries AS d WHERE d.hook_id = h.id AND d.status = 'waiting') AS waiting,
       (SELECT count(*) FROM deliveries AS d WHERE d.hook_id = h.id AND d.status = 'failed') AS failed,
       (SELECT max(d.settled_at) FROM deliveries AS d WHERE d.hook_id = h.id AND d.status = 'delivered') AS delivered_at,
       COALESCE((SELECT d.answer
                 FROM deliveries AS d
                 WHERE d.hook_id = h.id AND d.status = 'failed'
                 ORDER BY d.settled_at DESC
                 LIMIT 1),
                (SELECT d.answer
                 FROM deliveries AS d
                 WHERE d.hook_id = h.id AND d.status = 'waiting' AND d.answer IS NOT NULL
                 ORDER BY d.not_before
                 LIMIT 1)) AS answer,
       (SELECT max(d.settled_at) FROM deliveries AS d WHERE d.hook_id = h.id AND d.status = 'failed') AS failed_at
FROM hooks AS h
ORDER BY h.id
