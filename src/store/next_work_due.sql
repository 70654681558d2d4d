SELECT min(at)
FROM (SELECT min(next_due_at) AS at
      FROM subjects
      WHERE next_due_at IS NOT NULL AND faults < 5 AND retry_at IS NULL
      UNION ALL
      SELECT min(CASE WHEN retry_at > next_due_at THEN retry_at ELSE next_due_at END)
      FROM subjects
      WHERE next_due_at IS NOT NULL AND faults < 5 AND retry_at IS NOT NULL
      UNION ALL
      SELECT min(close_at) FROM gather_items WHERE bundle_id IS NULL) AS due
