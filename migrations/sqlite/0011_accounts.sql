-- Who may log in. login is the address in small letters; it goes with its person. password is a PHC string,
-- second the secret of a second factor, used the number of its last step, so that a code is taken once.
CREATE TABLE accounts (
    id           INTEGER PRIMARY KEY,
    public_id    TEXT NOT NULL UNIQUE,
    person_id    INTEGER NOT NULL UNIQUE REFERENCES people (id),
    login        TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    password     TEXT,
    second       BLOB,
    used         INTEGER NOT NULL DEFAULT 0,
    misses       INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0,
    closed_at    INTEGER,
    created_at   INTEGER NOT NULL
) STRICT;

-- The hash of what the browser holds, never the thing itself. kind is 'session', or 'welcome' for the link by
-- which somebody chooses a password, once.
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('session', 'welcome')),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_account ON sessions (account_id);

-- Who read what about whom. It says nothing of what stood there.
CREATE TABLE access_log (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    subject_id INTEGER REFERENCES subjects (id),
    what       TEXT NOT NULL
) STRICT;

CREATE INDEX access_log_subject ON access_log (subject_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX access_log_account ON access_log (account_id, id);

-- Who fills a role in a case: what a snapshot says, to be asked of all cases at once.
CREATE TABLE seats (
    person_id INTEGER NOT NULL REFERENCES people (id),
    case_id   INTEGER NOT NULL REFERENCES subjects (id),
    PRIMARY KEY (person_id, case_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX seats_case ON seats (case_id);

INSERT OR IGNORE INTO seats (person_id, case_id)
SELECT p.atom, s.id
FROM subjects AS s, json_each(s.snapshot, '$.people') AS r, json_each(r.value) AS p
WHERE s.kind = 'case';

CREATE INDEX subjects_organisation ON subjects (organisation_id, id) WHERE organisation_id IS NOT NULL AND kind = 'case';
