-- What was taken in at once, so that it can be taken back. `came` says that the person came with the list; of one who
-- was known, `was` is what the list changed of them (JSON), which identifies them and goes with them.
CREATE TABLE imports (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    made_by   TEXT NOT NULL,
    cohort_id INTEGER NOT NULL REFERENCES subjects (id),
    file_hash TEXT NOT NULL,
    undone_at INTEGER,
    undone_by TEXT
) STRICT;

CREATE INDEX imports_cohort ON imports (cohort_id, id);

CREATE TABLE import_cases (
    import_id INTEGER NOT NULL REFERENCES imports (id),
    case_id   INTEGER NOT NULL UNIQUE REFERENCES subjects (id),
    person_id INTEGER NOT NULL REFERENCES people (id),
    came      INTEGER NOT NULL CHECK (came IN (0, 1)),
    was       TEXT,
    PRIMARY KEY (import_id, case_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_cases_person ON import_cases (person_id);

-- Whom a line of a list may be, besides whoever has the address.
CREATE INDEX people_born ON people (born) WHERE born IS NOT NULL;
