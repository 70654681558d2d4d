-- Moves of whole holds to another version of their workflow. plan is the hash of the report that was read beforehand.
CREATE TABLE migrations (
    id           INTEGER PRIMARY KEY,
    public_id    TEXT NOT NULL UNIQUE,
    cohort_id    INTEGER NOT NULL REFERENCES subjects (id),
    from_version INTEGER NOT NULL REFERENCES workflow_versions (id),
    to_version   INTEGER NOT NULL REFERENCES workflow_versions (id),
    plan         TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    at           INTEGER NOT NULL,
    -- The newest mail of those who were moved, as it was then.
    mail_seen    INTEGER NOT NULL,
    undone_at    INTEGER,
    undone_by    TEXT
) STRICT;

CREATE INDEX migrations_of ON migrations (cohort_id, id);

-- Whom one moved, with how many events they then had, and what they were before: names and days, no words about anybody.
CREATE TABLE migrated (
    migration_id INTEGER NOT NULL REFERENCES migrations (id),
    subject_id   INTEGER NOT NULL REFERENCES subjects (id),
    version_id   INTEGER NOT NULL REFERENCES workflow_versions (id),
    seq          INTEGER NOT NULL,
    snapshot     TEXT NOT NULL,
    PRIMARY KEY (migration_id, subject_id)
) STRICT, WITHOUT ROWID;

-- For the reference.
CREATE INDEX migrated_subject ON migrated (subject_id);
