INSERT INTO deliveries (hook_id, event, kind, subject_id, seq, at, not_before)
SELECT h.id, k.public_id || '-' || rows.seq || '-' || rows.recorded_at, rows.kind, rows.subject_id, rows.seq,
       rows.recorded_at, rows.recorded_at
FROM rows
CROSS JOIN subject_keys AS k
CROSS JOIN hooks AS h
WHERE k.id = rows.subject_id
  AND h.revoked_at IS NULL
  AND h.kinds LIKE '% ' || rows.kind || ' %'
