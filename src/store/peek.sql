-- Everything a simulated world wants to know after a commit, in one row; nothing if nothing changed.
SELECT CASE WHEN total_changes() = $1 THEN NULL ELSE json_array(
    total_changes(),
    (SELECT plan_rev FROM cluster),
    json((SELECT json_group_array(json_array(
         s.id, s.kind, s.cohort_id, s.person_id, s.seq, s.state, s.next_due_at, s.faults,
         CASE WHEN s.seq = json_extract($3, '$."' || s.id || '"') THEN NULL ELSE s.snapshot END))
     FROM subjects AS s)),
    json((SELECT json_group_array(json_array(e.rowid, e.subject_id, e.seq, e.at, e.actor, e.payload))
     FROM (SELECT rowid, * FROM events WHERE rowid > $2 ORDER BY rowid) AS e)),
    json((SELECT json_group_array(json_array(
         o.id, o.subject_id, o.occurrence, o.seat, o.public_id, o.status, o.attempt,
         o.not_before, o.told,
         CASE WHEN o.status = 'sending' THEN o.subject_line END, o.node, o.merged_into))
     FROM outbox AS o)),
    json((SELECT json_group_array(json_array(i.target, i.key, i.done_seq)) FROM inbox AS i)),
    json((SELECT json_group_array(json_array(p.cohort_id, p.place, p.case_id)) FROM places AS p)),
    json((SELECT json_group_array(json_array(g.subject_id, g.occurrence, g.bundle_id))
     FROM gather_items AS g)),
    json((SELECT json_group_array(json_array(t.cohort_id, t.declaration))
     FROM stops AS t WHERE t.ended_at IS NULL))) END
