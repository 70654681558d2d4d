-- How much each key seals; nothing beside what stands in the clear. A file that was removed is none.
SELECT sealed_by,
       CAST(sum(texts) AS BIGINT) AS texts,
       CAST(sum(notes) AS BIGINT) AS notes,
       CAST(sum(documents) AS BIGINT) AS documents,
       CAST(sum(lists) AS BIGINT) AS lists
FROM (SELECT id AS sealed_by, 0 AS texts, 0 AS notes, 0 AS documents, 0 AS lists FROM seal_keys
      UNION ALL
      SELECT sealed_by, count(*), 0, 0, 0 FROM texts GROUP BY sealed_by
      UNION ALL
      SELECT sealed_by, 0, count(*), 0, 0 FROM notes GROUP BY sealed_by
      UNION ALL
      SELECT sealed_by, 0, 0, count(*), 0 FROM documents WHERE removed_at IS NULL GROUP BY sealed_by
      UNION ALL
      SELECT sealed_by, 0, 0, 0, count(*) FROM lists GROUP BY sealed_by) AS counted
GROUP BY sealed_by
ORDER BY sealed_by
