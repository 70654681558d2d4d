-- Addresses of other programs that are told what happens. secret is what their messages are signed with: it must be
-- readable. kinds has a blank around each. taken_until is the lease: one message of a hook is on the wire at a time.
CREATE TABLE hooks (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   TEXT COLLATE "C" NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    url         TEXT NOT NULL,
    kinds       TEXT NOT NULL,
    secret      BYTEA NOT NULL,
    made_by     TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    taken_until BIGINT,
    revoked_at  BIGINT,
    revoked_why TEXT
);

-- What a hook is to be told, written with what it tells of. attempt is the fence. No words about anybody.
CREATE TABLE deliveries (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook_id    BIGINT NOT NULL REFERENCES hooks (id),
    event      TEXT COLLATE "C" NOT NULL,
    kind       TEXT NOT NULL,
    subject_id BIGINT NOT NULL REFERENCES subject_keys (id),
    seq        BIGINT,
    outbox_id  BIGINT REFERENCES outbox (id),
    at         BIGINT NOT NULL,
    status     TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed', 'dropped')),
    attempt    BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL,
    answer     TEXT,
    settled_at BIGINT,
    UNIQUE (hook_id, event),
    CHECK ((seq IS NULL) <> (outbox_id IS NULL)),
    CHECK ((status = 'waiting') = (settled_at IS NULL))
);

CREATE INDEX deliveries_due ON deliveries (hook_id, not_before, id) WHERE status = 'waiting';
CREATE INDEX deliveries_failed ON deliveries (hook_id, settled_at) WHERE status = 'failed';
CREATE INDEX deliveries_delivered ON deliveries (hook_id, settled_at) WHERE status = 'delivered';
-- For the reference to a mail.
CREATE INDEX deliveries_mail ON deliveries (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX deliveries_kept ON deliveries (settled_at) WHERE status IN ('delivered', 'dropped');

-- How many hooks there are. It stands in the row that every step goes by, so that without any of them nothing is asked.
ALTER TABLE cluster ADD COLUMN hooks BIGINT NOT NULL DEFAULT 0;
