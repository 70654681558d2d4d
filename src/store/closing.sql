-- Groups that close at $1, the first to close first; at most so many at once.
SELECT DISTINCT group_key
FROM (SELECT group_key
      FROM gather_items
      WHERE bundle_id IS NULL AND close_at <= $1
      ORDER BY close_at
      LIMIT 500) AS closing
