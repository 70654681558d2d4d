-- Moves of whole holds to another version of their workflow. plan is the hash of the report that was read beforehand.
CREATE TABLE migrations (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    TEXT COLLATE "C" NOT NULL UNIQUE,
    cohort_id    BIGINT NOT NULL REFERENCES subject_keys (id),
    from_version BIGINT NOT NULL REFERENCES workflow_versions (id),
    to_version   BIGINT NOT NULL REFERENCES workflow_versions (id),
    plan         TEXT NOT NULL,
    made_by      TEXT NOT NULL,
    at           BIGINT NOT NULL,
    -- The newest mail of those who were moved, as it was then.
    mail_seen    BIGINT NOT NULL,
    undone_at    BIGINT,
    undone_by    TEXT
);

CREATE INDEX migrations_of ON migrations (cohort_id, id);

-- Whom one moved, with how many events they then had, and what they were before: names and days, no words about anybody.
CREATE TABLE migrated (
    migration_id BIGINT NOT NULL REFERENCES migrations (id),
    subject_id   BIGINT NOT NULL REFERENCES subject_keys (id),
    version_id   BIGINT NOT NULL REFERENCES workflow_versions (id),
    seq          BIGINT NOT NULL,
    snapshot     TEXT NOT NULL,
    PRIMARY KEY (migration_id, subject_id)
);

-- For the reference.
CREATE INDEX migrated_subject ON migrated (subject_id);

-- A subject goes to another version with its keys in one transaction.
DROP TRIGGER subjects_keys_stay ON subjects;
CREATE TRIGGER subjects_keys_stay
    BEFORE UPDATE OF id, public_id, cohort_id, person_id, organisation_id ON subjects
    FOR EACH STATEMENT EXECUTE FUNCTION keys_stay();
