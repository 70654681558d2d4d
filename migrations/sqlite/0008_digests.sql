-- What a digest told of each case, so that the next one to the same recipient begins with what is new: row
-- ids, sequence numbers, states and counts, and nothing that identifies a person. `cases` is JSON.
CREATE TABLE digest_runs (
    id          INTEGER PRIMARY KEY,
    outbox_id   INTEGER NOT NULL UNIQUE REFERENCES outbox (id),
    subject_id  INTEGER NOT NULL REFERENCES subjects (id),
    declaration TEXT NOT NULL,
    seat        TEXT NOT NULL,
    cases       TEXT NOT NULL
) STRICT;

CREATE INDEX digest_runs_audience ON digest_runs (subject_id, declaration, seat, id);
