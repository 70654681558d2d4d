-- Whatever was read before a hold called its members, or the planner changed, may be late: look now.
INSERT INTO subjects (id, public_id, kind, workflow, cohort_id, version_id, person_id, organisation_id,
                      title, starts_on, seq, state, next_due_at, plan_rev, last_at, snapshot)
SELECT j.value ->> 'id',
       j.value ->> 'public_id',
       j.value ->> 'kind',
       v.workflow,
       j.value ->> 'cohort_id',
       v.id,
       j.value ->> 'person_id',
       j.value ->> 'organisation_id',
       j.value ->> 'title',
       j.value ->> 'starts_on',
       j.value ->> 'seq',
       j.value ->> 'state',
       CASE
           WHEN j.value ->> 'cohort_broadcast' <> c.broadcast THEN 0
           WHEN j.value ->> 'plan_rev' <> (SELECT plan_rev FROM cluster) THEN 0
           ELSE j.value ->> 'next_due_at'
       END,
       j.value ->> 'plan_rev',
       j.value ->> 'last_at',
       j.value ->> 'snapshot'
FROM json_each(?1) AS j
CROSS JOIN workflow_versions AS v
LEFT JOIN subjects AS c ON c.id = j.value ->> 'cohort_id'
WHERE v.id = j.value ->> 'version_id'
