-- What programs show instead of a password, and what a calendar's secret address holds: the hash of it, never the thing
-- itself. It may do what its account may, within its scopes. hold_id is the one hold that a calendar is about.
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY,
    public_id  TEXT NOT NULL UNIQUE,
    hash       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL CHECK (kind IN ('api', 'calendar')),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    hold_id    INTEGER REFERENCES subjects (id),
    title      TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ends_at    INTEGER,
    used_at    INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE INDEX tokens_account ON tokens (account_id, id);

-- What a program has asked to be done, by the key that makes it count once: the hash of what it was, and whether it was
-- done. Nothing of what was said or answered.
CREATE TABLE requests (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    at         INTEGER NOT NULL,
    done       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_at ON requests (at);
