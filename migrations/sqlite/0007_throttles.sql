-- How much mail a domain is sent: `*` stands for each that has no rate of its own. Without a rate the row
-- only says when the next mail may begin, which holds over restarts and for every process.
CREATE TABLE throttles (
    domain     TEXT PRIMARY KEY,
    per_minute INTEGER CHECK (per_minute > 0),
    free_at    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
