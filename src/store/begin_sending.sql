-- What was attempted once stays as it was attempted. The bytes of all mails come as one blob, cut
-- apart here; what is merged into another mail has none of its own.
UPDATE outbox
SET status       = 'sending',
    attempt      = outbox.attempt + 1,
    node         = j.node,
    reason       = NULL,
    merged_into  = j.merged_into,
    counted_on   = COALESCE(j.counted_on, outbox.counted_on),
    frozen       = CASE WHEN outbox.frozen IS NULL AND j.merged_into IS NULL THEN substr($2, j.start + 1, j.length)
                        ELSE outbox.frozen END,
    subject_line = CASE WHEN outbox.frozen IS NULL THEN j.subject_line ELSE outbox.subject_line END,
    address      = CASE WHEN outbox.frozen IS NULL THEN j.address ELSE outbox.address END,
    domain       = CASE WHEN outbox.frozen IS NULL THEN j.domain ELSE outbox.domain END,
    person_id    = CASE WHEN outbox.frozen IS NULL THEN j.person_id ELSE outbox.person_id END,
    told         = CASE WHEN outbox.frozen IS NULL THEN j.told ELSE outbox.told END
FROM (SELECT CAST(value ->> 'id' AS BIGINT)           AS id,
             value ->> 'node'         AS node,
             CAST(value ->> 'merged_into' AS BIGINT)   AS merged_into,
             value ->> 'counted_on'   AS counted_on,
             CAST(value ->> 'start' AS INTEGER)        AS start,
             CAST(value ->> 'length' AS INTEGER)       AS length,
             value ->> 'subject_line' AS subject_line,
             value ->> 'address'      AS address,
             value ->> 'domain'       AS domain,
             CAST(value ->> 'person_id' AS BIGINT)    AS person_id,
             value ->> 'told'         AS told
      FROM json_each($1)) AS j
WHERE outbox.id = j.id
