-- What people write beside a case. Nothing is decided by it, so it is no part of the case's history. A note is never
-- changed: it is struck out, or corrected by another one, which strikes it out. key is the form's, so that a button
-- counts once.
CREATE TABLE notes (
    id           INTEGER PRIMARY KEY,
    case_id      INTEGER NOT NULL REFERENCES subjects (id),
    account_id   INTEGER NOT NULL REFERENCES accounts (id),
    key          TEXT NOT NULL,
    at           INTEGER NOT NULL,
    text         TEXT NOT NULL,
    confidential INTEGER NOT NULL CHECK (confidential IN (0, 1)),
    corrects     INTEGER REFERENCES notes (id),
    struck_at    INTEGER,
    struck_by    INTEGER REFERENCES accounts (id),
    UNIQUE (case_id, account_id, key),
    CHECK ((struck_at IS NULL) = (struck_by IS NULL))
) STRICT;

-- Files that belong to a case. Of one that is removed only who and when is left. key as above.
CREATE TABLE documents (
    id         INTEGER PRIMARY KEY,
    case_id    INTEGER NOT NULL REFERENCES subjects (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    key        TEXT NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('profile', 'cv', 'other')),
    name       TEXT,
    media      TEXT NOT NULL,
    size       INTEGER NOT NULL,
    bytes      BLOB,
    removed_at INTEGER,
    removed_by INTEGER REFERENCES accounts (id),
    UNIQUE (case_id, account_id, key),
    CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
    CHECK ((bytes IS NULL) = (removed_at IS NOT NULL) AND (name IS NULL) = (bytes IS NULL))
) STRICT;
