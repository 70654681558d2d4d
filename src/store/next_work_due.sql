-- Each found at the end of an index: SQLite must be told that what is in back-off is a range of one.
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
      SELECT min(close_at) FROM gather_items WHERE bundle_id IS NULL) AS due
