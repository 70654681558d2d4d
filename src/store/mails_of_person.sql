-- Mail of a person's cases, what their holds say to them, and what went to them otherwise. One that was put together with
-- mail about others, that gathers or lists other cases, or that is about another's case, names others.
SELECT o.id,
       o.subject_id,
       o.public_id,
       COALESCE(o.settled_at, o.not_before) AS at,
       o.status,
       o.seat,
       o.subject_line,
       CASE WHEN o.person_id = $1 THEN CAST(1 AS BIGINT) ELSE 0 END AS to_them,
       CASE WHEN o.intent LIKE '%"cases_in":[_%' AND o.intent NOT LIKE '%"cases_in":[]%' THEN CAST(1 AS BIGINT)
            WHEN k.person_id IS NOT NULL AND k.person_id <> $1 THEN 1
            WHEN EXISTS (SELECT 1
                         FROM gather_items AS item
                         JOIN subject_keys AS other ON other.id = item.subject_id
                         WHERE item.bundle_id = o.id AND COALESCE(other.person_id, 0) <> $1) THEN 1
            WHEN EXISTS (SELECT 1
                         FROM outbox AS part
                         JOIN subject_keys AS other ON other.id = part.subject_id
                         WHERE part.merged_into = o.id AND other.person_id <> $1) THEN 1
            ELSE 0 END AS names_others,
       o.frozen
FROM outbox AS o
JOIN subject_keys AS k ON k.id = o.subject_id
WHERE k.person_id = $1 OR o.person_id = $1
ORDER BY o.id
