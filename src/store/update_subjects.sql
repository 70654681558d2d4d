-- Only those that are as they were read.
UPDATE subjects
SET seq         = rows.seq,
    state       = rows.state,
    starts_on   = COALESCE(rows.starts_on, subjects.starts_on),
    next_due_at = rows.next_due_at,
    last_at     = rows.last_at,
    plan_rev    = rows.plan_rev,
    broadcast   = subjects.broadcast + rows.broadcast,
    snapshot    = rows.snapshot,
    waits       = rows.waits,
    task_due_at = rows.task_due_at,
    meeting_end_at = rows.meeting_end_at,
    retry_at    = NULL,
    faults      = 0,
    fault_text  = NULL
FROM rows
WHERE subjects.id = rows.subject_id
  AND subjects.seq = rows.expect_seq
RETURNING subjects.id
