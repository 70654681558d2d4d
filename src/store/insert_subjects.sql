-- Whatever was read before a hold called its members, or the planner changed, may be late: look now.
INSERT INTO subjects (id, public_id, kind, workflow, cohort_id, version_id, person_id, organisation_id,
                      title, starts_on, seq, state, next_due_at, plan_rev, last_at, snapshot,
                      task_due_at, meeting_end_at)
SELECT r.id,
       r.public_id,
       r.kind,
       v.workflow,
       r.cohort_id,
       v.id,
       r.person_id,
       r.organisation_id,
       r.title,
       r.starts_on,
       r.seq,
       r.state,
       CASE
           WHEN r.cohort_broadcast <> c.broadcast THEN 0
           WHEN r.plan_rev <> (SELECT plan_rev FROM cluster) THEN 0
           ELSE r.next_due_at
       END,
       r.plan_rev,
       r.last_at,
       r.snapshot,
       r.task_due_at,
       r.meeting_end_at
FROM rows AS r
CROSS JOIN workflow_versions AS v
LEFT JOIN subjects AS c ON c.id = r.cohort_id
WHERE v.id = r.version_id
