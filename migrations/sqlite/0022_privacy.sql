-- Since when a person's data are kept for legal reasons, µs UTC; nothing about them is erased before they are let go.
-- It stands with the person, so that whatever reads a case reads it too; who, and why, is in person_acts.
ALTER TABLE people ADD COLUMN kept INTEGER;

-- How many events the journal of a case had when it was last written out.
ALTER TABLE subjects ADD COLUMN journaled INTEGER;

-- What was done with somebody's data as such. reason is a person's words, and goes with whom it is about.
CREATE TABLE person_acts (
    id         INTEGER PRIMARY KEY,
    person_id  INTEGER NOT NULL REFERENCES people (id),
    subject_id INTEGER REFERENCES subjects (id),
    at         INTEGER NOT NULL,
    act        TEXT NOT NULL CHECK (act IN ('exported', 'journal', 'kept', 'released', 'erased')),
    by_whom    TEXT NOT NULL,
    reason     TEXT
) STRICT;

CREATE INDEX person_acts_person ON person_acts (person_id, id);
CREATE INDEX person_acts_subject ON person_acts (subject_id) WHERE subject_id IS NOT NULL;

-- Mails that were erased after they had been passed on. Where mail goes into a folder, their files are to go.
CREATE TABLE shreds (public_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- How often anything was erased, and how often it had been when the file was last written anew: until then its free
-- pages and its log may still hold what was erased.
ALTER TABLE cluster ADD COLUMN erasures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cluster ADD COLUMN scrubbed INTEGER NOT NULL DEFAULT 0;
