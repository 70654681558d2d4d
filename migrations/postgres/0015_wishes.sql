-- What a person wants of a mail before it leaves, also of one that is not decided yet: that it waits, or other words
-- than its template's. instead_of is the hash of what was read when it was edited. rev rises with every wish, so
-- that a mail is not frozen from an older one; a wish that is taken back leaves its row.
CREATE TABLE mail_wishes (
    subject_id   BIGINT NOT NULL REFERENCES subject_keys (id),
    occurrence   TEXT COLLATE "C" NOT NULL,
    seat         TEXT COLLATE "C" NOT NULL,
    rev          BIGINT NOT NULL,
    held         BIGINT NOT NULL CHECK (held IN (0, 1)),
    subject_line TEXT,
    body         TEXT,
    instead_of   TEXT,
    by_whom      TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (subject_id, occurrence, seat)
);
