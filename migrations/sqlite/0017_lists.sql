-- A list that somebody looks at before it is taken in: the file as it was given, for its owner alone and for so long.
CREATE TABLE lists (
    key        TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    cohort     TEXT NOT NULL,
    name       TEXT NOT NULL,
    bytes      BLOB NOT NULL,
    ends_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX lists_ends ON lists (ends_at);
