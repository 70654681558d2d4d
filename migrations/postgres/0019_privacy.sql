-- Since when a person's data are kept for legal reasons, µs UTC; nothing about them is erased before they are let go.
-- It stands with the person, so that whatever reads a case reads it too; who, and why, is in person_acts.
ALTER TABLE people ADD COLUMN kept BIGINT;

-- How many events the journal of a case had when it was last written out.
ALTER TABLE subjects ADD COLUMN journaled BIGINT;

-- What was done with somebody's data as such. reason is a person's words, and goes with whom it is about.
CREATE TABLE person_acts (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people (id),
    subject_id BIGINT REFERENCES subject_keys (id),
    at         BIGINT NOT NULL,
    act        TEXT NOT NULL CHECK (act IN ('exported', 'journal', 'kept', 'released', 'erased')),
    by_whom    TEXT NOT NULL,
    reason     TEXT
);

CREATE INDEX person_acts_person ON person_acts (person_id, id);
CREATE INDEX person_acts_subject ON person_acts (subject_id) WHERE subject_id IS NOT NULL;

-- Mails that were erased after they had been passed on. Where mail goes into a folder, their files are to go.
CREATE TABLE shreds (public_id TEXT COLLATE "C" PRIMARY KEY);
