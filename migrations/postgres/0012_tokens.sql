-- What programs show instead of a password, and what a calendar's secret address holds: the hash of it, never the thing
-- itself. It may do what its account may, within its scopes. hold_id is the one hold that a calendar is about.
CREATE TABLE tokens (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  TEXT COLLATE "C" NOT NULL UNIQUE,
    hash       TEXT COLLATE "C" NOT NULL UNIQUE,
    kind       TEXT NOT NULL CHECK (kind IN ('api', 'calendar')),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    hold_id    BIGINT REFERENCES subject_keys (id),
    title      TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT,
    used_at    BIGINT,
    revoked_at BIGINT
);

CREATE INDEX tokens_account ON tokens (account_id, id);

-- What a program has asked to be done, by the key that makes it count once: the hash of what it was, and whether it was
-- done. Nothing of what was said or answered.
CREATE TABLE requests (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    key        TEXT COLLATE "C" NOT NULL,
    request    TEXT NOT NULL,
    at         BIGINT NOT NULL,
    done       BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, key)
);

CREATE INDEX requests_at ON requests (at);
