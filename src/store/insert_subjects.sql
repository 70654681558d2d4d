-- Whatever was read before a hold called its members, or the planner changed, may be late: look now.
INSERT INTO subjects (id, public_id, kind, workflow, cohort_id, version_id, person_id, organisation_id,
                      title, starts_on, seq, state, next_due_at, plan_rev, last_at, snapshot)
SELECT CAST(j.value ->> 'id' AS BIGINT),
       j.value ->> 'public_id',
       j.value ->> 'kind',
       v.workflow,
       CAST(j.value ->> 'cohort_id' AS BIGINT),
       v.id,
       CAST(j.value ->> 'person_id' AS BIGINT),
       CAST(j.value ->> 'organisation_id' AS BIGINT),
       j.value ->> 'title',
       j.value ->> 'starts_on',
       CAST(j.value ->> 'seq' AS BIGINT),
       j.value ->> 'state',
       CASE
           WHEN CAST(j.value ->> 'cohort_broadcast' AS BIGINT) <> c.broadcast THEN 0
           WHEN CAST(j.value ->> 'plan_rev' AS BIGINT) <> (SELECT plan_rev FROM cluster) THEN 0
           ELSE CAST(j.value ->> 'next_due_at' AS BIGINT)
       END,
       CAST(j.value ->> 'plan_rev' AS BIGINT),
       CAST(j.value ->> 'last_at' AS BIGINT),
       j.value ->> 'snapshot'
FROM json_each($1) AS j
CROSS JOIN workflow_versions AS v
LEFT JOIN subjects AS c ON c.id = CAST(j.value ->> 'cohort_id' AS BIGINT)
WHERE v.id = CAST(j.value ->> 'version_id' AS BIGINT)
