-- A workflow's text that is being written: one for each, that everybody who may publishes from. The row stays when the
-- text is gone, so that its number is never used again and nobody writes over what they have not seen.
CREATE TABLE drafts (
    workflow   TEXT PRIMARY KEY,
    yaml       TEXT,
    seq        BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    at         BIGINT NOT NULL
);
