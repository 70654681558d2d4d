-- Who may log in. login is the address in small letters; it goes with its person. password is a PHC string,
-- second the secret of a second factor, used the number of its last step, so that a code is taken once.
CREATE TABLE accounts (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    TEXT COLLATE "C" NOT NULL UNIQUE,
    person_id    BIGINT NOT NULL UNIQUE REFERENCES people (id),
    login        TEXT COLLATE "C" NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    password     TEXT,
    second       BYTEA,
    used         BIGINT NOT NULL DEFAULT 0,
    misses       BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    closed_at    BIGINT,
    created_at   BIGINT NOT NULL
);

-- The hash of what the browser holds, never the thing itself. kind is 'session', or 'welcome' for the link by
-- which somebody chooses a password, once.
CREATE TABLE sessions (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('session', 'welcome')),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL
);

CREATE INDEX sessions_account ON sessions (account_id);

-- Who read what about whom. It says nothing of what stood there.
CREATE TABLE access_log (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    subject_id BIGINT REFERENCES subject_keys (id),
    what       TEXT NOT NULL
);

CREATE INDEX access_log_subject ON access_log (subject_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX access_log_account ON access_log (account_id, id);

-- Who fills a role in a case: what a snapshot says, to be asked of all cases at once.
CREATE TABLE seats (
    person_id BIGINT NOT NULL REFERENCES people (id),
    case_id   BIGINT NOT NULL REFERENCES subject_keys (id),
    PRIMARY KEY (person_id, case_id)
);

CREATE INDEX seats_case ON seats (case_id);

INSERT INTO seats (person_id, case_id)
SELECT DISTINCT CAST(p.value AS BIGINT), s.id
FROM subjects AS s, jsonb_each(coalesce(CAST(s.snapshot AS jsonb) -> 'people', '{}')) AS r,
     jsonb_array_elements_text(r.value) AS p
WHERE s.kind = 'case';

CREATE INDEX subject_keys_organisation ON subject_keys (organisation_id, id) WHERE organisation_id IS NOT NULL;
