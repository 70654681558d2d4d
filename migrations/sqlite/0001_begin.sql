-- Every instant is INTEGER microseconds since the epoch, UTC. Days are ISO text. Integer ids
-- inside, UUIDv7 (public_id) outside. What identifies a person stands in people, texts and the
-- address, subject_line, answer and frozen of an outbox row, and nowhere else.

CREATE TABLE organisations (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    kind  TEXT NOT NULL DEFAULT '',
    email TEXT
) STRICT;

CREATE TABLE people (
    id              INTEGER PRIMARY KEY,
    organisation_id INTEGER REFERENCES organisations (id),
    name            TEXT NOT NULL,
    email           TEXT COLLATE NOCASE,
    phone           TEXT,
    born            TEXT,
    erased          INTEGER
) STRICT;

CREATE INDEX people_email ON people (email) WHERE email IS NOT NULL;
CREATE INDEX people_organisation ON people (organisation_id) WHERE organisation_id IS NOT NULL;

-- workflow '' is every workflow.
CREATE TABLE staff_roles (
    person_id INTEGER NOT NULL REFERENCES people (id),
    workflow  TEXT NOT NULL DEFAULT '',
    role      TEXT NOT NULL,
    PRIMARY KEY (workflow, role, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX staff_roles_person ON staff_roles (person_id);

CREATE TABLE workflow_versions (
    id           INTEGER PRIMARY KEY,
    workflow     TEXT NOT NULL,
    yaml         TEXT NOT NULL,
    templates    TEXT NOT NULL,
    hash         TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    UNIQUE (workflow, hash)
) STRICT;

-- Holds, cases and a workflow's own subject. `workflow` repeats what version_id says, so that the
-- next hold and a workflow's own subject are found by index.
CREATE TABLE subjects (
    id              INTEGER PRIMARY KEY,
    public_id       TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL CHECK (kind IN ('case', 'cohort', 'workflow')),
    workflow        TEXT NOT NULL,
    cohort_id       INTEGER REFERENCES subjects (id),
    version_id      INTEGER NOT NULL REFERENCES workflow_versions (id),
    person_id       INTEGER REFERENCES people (id),
    organisation_id INTEGER REFERENCES organisations (id),
    title           TEXT,
    starts_on       TEXT,
    seq             INTEGER NOT NULL,
    state           TEXT,
    next_due_at     INTEGER,
    retry_at        INTEGER,
    faults          INTEGER NOT NULL DEFAULT 0,
    fault_text      TEXT,
    broadcast       INTEGER NOT NULL DEFAULT 0,
    plan_rev        INTEGER NOT NULL,
    last_at         INTEGER NOT NULL,
    erased_at       INTEGER,
    snapshot        TEXT NOT NULL,
    CHECK ((kind = 'case') = (cohort_id IS NOT NULL))
) STRICT;

-- The claim reads this index and never the table.
CREATE INDEX subjects_due ON subjects (next_due_at, id, retry_at, faults)
    WHERE next_due_at IS NOT NULL AND faults < 5;
CREATE INDEX subjects_back_off ON subjects (retry_at, next_due_at)
    WHERE retry_at IS NOT NULL AND next_due_at IS NOT NULL AND faults < 5;
CREATE INDEX subjects_stuck ON subjects (faults) WHERE faults > 0;
CREATE INDEX subjects_members ON subjects (cohort_id, state) WHERE cohort_id IS NOT NULL;
CREATE INDEX subjects_holds ON subjects (workflow, starts_on, id) WHERE kind = 'cohort';
CREATE UNIQUE INDEX subjects_workflow ON subjects (workflow) WHERE kind = 'workflow';
CREATE INDEX subjects_person ON subjects (person_id) WHERE person_id IS NOT NULL;

-- With row ids, measured: appending at the end was a little faster, and steadier, than sorting in.
CREATE TABLE events (
    subject_id  INTEGER NOT NULL REFERENCES subjects (id),
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    input_key   TEXT,
    payload     TEXT NOT NULL,
    PRIMARY KEY (subject_id, seq)
) STRICT;

CREATE UNIQUE INDEX events_input ON events (subject_id, input_key) WHERE input_key IS NOT NULL;

CREATE TABLE inbox (
    id       INTEGER PRIMARY KEY,
    target   INTEGER NOT NULL REFERENCES subjects (id),
    key      TEXT NOT NULL,
    at       INTEGER NOT NULL,
    payload  TEXT NOT NULL,
    done_seq INTEGER,
    UNIQUE (target, key)
) STRICT;

CREATE INDEX inbox_open ON inbox (target, id) WHERE done_seq IS NULL;

-- Words, apart from history, so that they can be erased.
CREATE TABLE texts (
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    name       TEXT NOT NULL,
    text       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (subject_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE places (
    cohort_id INTEGER NOT NULL REFERENCES subjects (id),
    place     INTEGER NOT NULL CHECK (place > 0),
    case_id   INTEGER NOT NULL UNIQUE REFERENCES subjects (id),
    PRIMARY KEY (cohort_id, place)
) STRICT, WITHOUT ROWID;

-- Mail on its way. (subject_id, occurrence, seat) is its stream; the key is unique for ever.
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY,
    subject_id   INTEGER NOT NULL REFERENCES subjects (id),
    occurrence   TEXT NOT NULL,
    seat         TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    public_id    TEXT NOT NULL UNIQUE,
    method       TEXT,
    status       TEXT NOT NULL CHECK (status IN
                 ('queued', 'held', 'sending', 'retry', 'sent', 'failed', 'unknown', 'cancelled')),
    reason       TEXT,
    priority     INTEGER NOT NULL,
    not_before   INTEGER NOT NULL,
    late_lot     INTEGER,
    attempt      INTEGER NOT NULL DEFAULT 0,
    node         TEXT,
    domain       TEXT,
    person_id    INTEGER REFERENCES people (id),
    address      TEXT,
    told         TEXT,
    intent       TEXT NOT NULL,
    group_key    TEXT,
    subject_line TEXT,
    answer       TEXT,
    created_at   INTEGER NOT NULL,
    settled_at   INTEGER,
    frozen       BLOB,
    UNIQUE (subject_id, occurrence, seat, revision)
) STRICT;

CREATE INDEX outbox_ready ON outbox (priority, not_before) WHERE status IN ('queued', 'retry');
CREATE INDEX outbox_sending ON outbox (id) WHERE status = 'sending';
CREATE INDEX outbox_held ON outbox (late_lot) WHERE status = 'held';

CREATE TABLE gather_items (
    id         INTEGER PRIMARY KEY,
    group_key  TEXT NOT NULL,
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    occurrence TEXT NOT NULL,
    seat       TEXT NOT NULL,
    public_id  TEXT NOT NULL,
    priority   INTEGER NOT NULL,
    intent     TEXT NOT NULL,
    close_at   INTEGER NOT NULL,
    bundle_id  INTEGER REFERENCES outbox (id),
    UNIQUE (subject_id, occurrence, seat)
) STRICT;

CREATE INDEX gather_open ON gather_items (group_key, close_at) WHERE bundle_id IS NULL;
CREATE INDEX gather_due ON gather_items (close_at) WHERE bundle_id IS NULL;
CREATE INDEX gather_bundle ON gather_items (bundle_id) WHERE bundle_id IS NOT NULL;

-- One row. incarnation says whether a database is the one it was: it is made new by a restore.
CREATE TABLE cluster (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    plan_rev    INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    mail_on     INTEGER NOT NULL CHECK (mail_on IN (0, 1))
) STRICT;

INSERT INTO cluster (one, plan_rev, incarnation, mail_on) VALUES (1, 1, lower(hex(randomblob(16))), 1);

-- One row or none: a clock that does not run with the world's. rate is virtual seconds a second.
CREATE TABLE clock (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    anchor_real    INTEGER NOT NULL,
    anchor_virtual INTEGER NOT NULL,
    rate           REAL NOT NULL
) STRICT;
