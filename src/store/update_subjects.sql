-- News that came in since the subject was read must not be slept over: it may not wait for next_due_at.
UPDATE subjects
SET seq         = j.seq,
    state       = j.state,
    starts_on   = COALESCE(j.starts_on, subjects.starts_on),
    next_due_at = CASE
                      WHEN EXISTS (SELECT 1 FROM inbox WHERE target = subjects.id AND done_seq IS NULL) THEN 0
                      ELSE j.next_due_at
                  END,
    last_at     = j.last_at,
    plan_rev    = j.plan_rev,
    broadcast   = subjects.broadcast + j.broadcast,
    snapshot    = j.snapshot,
    retry_at    = NULL,
    faults      = 0,
    fault_text  = NULL
FROM (SELECT CAST(value ->> 'subject_id' AS BIGINT)  AS subject_id,
             CAST(value ->> 'seq' AS BIGINT)         AS seq,
             value ->> 'state'       AS state,
             value ->> 'starts_on'   AS starts_on,
             CAST(value ->> 'next_due_at' AS BIGINT) AS next_due_at,
             CAST(value ->> 'last_at' AS BIGINT)     AS last_at,
             CAST(value ->> 'plan_rev' AS BIGINT)    AS plan_rev,
             CAST(value ->> 'broadcast' AS BIGINT)   AS broadcast,
             value ->> 'snapshot'    AS snapshot
      FROM json_each($1)) AS j
WHERE subjects.id = j.subject_id
