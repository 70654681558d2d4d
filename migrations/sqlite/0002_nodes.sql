-- What plans are made of, and the least build that may plan; what the database remembers of where it
-- was served last, so that one which was put back from a copy is known by it.
ALTER TABLE cluster ADD COLUMN planner TEXT NOT NULL DEFAULT '';
ALTER TABLE cluster ADD COLUMN min_build INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cluster ADD COLUMN history TEXT NOT NULL DEFAULT '';

-- One row: when anybody last looked for what is due, and the lot of what was late when somebody woke
-- after a time in which nobody had looked.
CREATE TABLE wakes (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    looked_at INTEGER NOT NULL,
    lot       INTEGER NOT NULL
) STRICT;

INSERT INTO wakes (one, looked_at, lot) VALUES (1, 0, 0);

-- When the database was found to have been put back from a copy. What was to leave before is held, in
-- a lot of this name: it is not known what of it was sent since the copy was made.
CREATE TABLE restores (at INTEGER PRIMARY KEY) STRICT;
