-- How much mail a domain is sent: `*` stands for each that has no rate of its own. Without a rate the row
-- only says when the next mail may begin, which holds over restarts and for every process.
CREATE TABLE throttles (
    domain     TEXT COLLATE "C" PRIMARY KEY,
    per_minute BIGINT CHECK (per_minute > 0),
    free_at    BIGINT NOT NULL DEFAULT 0
);
