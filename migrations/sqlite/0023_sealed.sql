-- Words and files may be sealed by a key that is not in here. Where sealed_by names one, the value beside it is what
-- it was sealed to (base64 in a column of text); where it does not, the value stands as it was written.
ALTER TABLE texts ADD COLUMN sealed_by TEXT;
ALTER TABLE notes ADD COLUMN sealed_by TEXT;
-- The name and the bytes of a file.
ALTER TABLE documents ADD COLUMN sealed_by TEXT;
-- The bytes.
ALTER TABLE lists ADD COLUMN sealed_by TEXT;

-- The keys that may seal something, each with a word sealed by it, so that a wrong key is told at once.
CREATE TABLE seal_keys (
    id   TEXT PRIMARY KEY,
    word TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What is new is sealed by this key; none before there was one. It stands in the row that every step locks and reads, so
-- that nothing is sealed by a key that has just been put out of use.
ALTER TABLE cluster ADD COLUMN seal_key TEXT REFERENCES seal_keys (id);
