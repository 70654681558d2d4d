-- What comes back. What identifies a person stands in from_address, recipient, subject_line, words and text
-- of a received mail, and in addresses; erasing a person erases those too (erase_received.sql,
-- erase_addresses.sql).

-- A mail that has come in; what a program wrote is kept without its words. `key` is made of what the mail
-- says, so that one that is fetched twice is one. What waits for nobody is handled from the start.
CREATE TABLE received (
    id           INTEGER PRIMARY KEY,
    key          TEXT NOT NULL UNIQUE,
    at           INTEGER NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('bounce', 'automatic', 'answer', 'human')),
    detail       TEXT,
    code         TEXT,
    words        TEXT,
    outbox_id    INTEGER REFERENCES outbox (id),
    subject_id   INTEGER REFERENCES subjects (id),
    person_id    INTEGER REFERENCES people (id),
    from_address TEXT,
    recipient    TEXT,
    subject_line TEXT,
    text         TEXT,
    note         TEXT,
    handled_at   INTEGER,
    handled_by   TEXT
) STRICT;

CREATE INDEX received_open ON received (id) WHERE handled_at IS NULL;
CREATE INDEX received_outbox ON received (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX received_subject ON received (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX received_person ON received (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX received_soft ON received (recipient, at) WHERE detail = 'soft';

-- Addresses that take no mail, in lower case.
CREATE TABLE addresses (
    address   TEXT PRIMARY KEY COLLATE NOCASE,
    state     TEXT NOT NULL CHECK (state IN ('bounced', 'suppressed')),
    since     INTEGER NOT NULL,
    why       TEXT NOT NULL,
    outbox_id INTEGER REFERENCES outbox (id)
) STRICT, WITHOUT ROWID;

-- How far a mailbox has been read, and who is reading it.
CREATE TABLE mailboxes (
    name       TEXT PRIMARY KEY,
    validity   INTEGER NOT NULL DEFAULT 0,
    last_uid   INTEGER NOT NULL DEFAULT 0,
    held_by    TEXT,
    held_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
