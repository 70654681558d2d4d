SELECT min(CASE WHEN waiting.taken_until > waiting.due THEN waiting.taken_until ELSE waiting.due END)
FROM (SELECT h.taken_until,
             (SELECT min(d.not_before) FROM deliveries AS d WHERE d.hook_id = h.id AND d.status = 'waiting') AS due
      FROM hooks AS h
      WHERE h.revoked_at IS NULL) AS waiting
WHERE waiting.due IS NOT NULL
