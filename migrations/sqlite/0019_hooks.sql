-- Addresses of other programs that are told what happens. secret is what their messages are signed with: it must be
-- readable. kinds has a blank around each. taken_until is the lease: one message of a hook is on the wire at a time.
CREATE TABLE hooks (
    id          INTEGER PRIMARY KEY,
    public_id   TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    url         TEXT NOT NULL,
    kinds       TEXT NOT NULL,
    secret      BLOB NOT NULL,
    made_by     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    taken_until INTEGER,
    revoked_at  INTEGER,
    revoked_why TEXT
) STRICT;

-- What a hook is to be told, written with what it tells of. attempt is the fence. No words about anybody.
CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY,
    hook_id    INTEGER NOT NULL REFERENCES hooks (id),
    event      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    seq        INTEGER,
    outbox_id  INTEGER REFERENCES outbox (id),
    at         INTEGER NOT NULL,
    status     TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed', 'dropped')),
    attempt    INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    answer     TEXT,
    settled_at INTEGER,
    UNIQUE (hook_id, event),
    CHECK ((seq IS NULL) <> (outbox_id IS NULL)),
    CHECK ((status = 'waiting') = (settled_at IS NULL))
) STRICT;

CREATE INDEX deliveries_due ON deliveries (hook_id, not_before, id) WHERE status = 'waiting';
CREATE INDEX deliveries_failed ON deliveries (hook_id, settled_at) WHERE status = 'failed';
CREATE INDEX deliveries_delivered ON deliveries (hook_id, settled_at) WHERE status = 'delivered';
-- For the reference to a mail.
CREATE INDEX deliveries_mail ON deliveries (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX deliveries_kept ON deliveries (settled_at) WHERE status IN ('delivered', 'dropped');

-- How many hooks there are. It stands in the row that every step goes by, so that without any of them nothing is asked.
ALTER TABLE cluster ADD COLUMN hooks INTEGER NOT NULL DEFAULT 0;
