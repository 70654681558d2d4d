-- What subjects are found by. On PostgreSQL a table of its own, for the sake of its indexes.
CREATE VIEW subject_keys AS
SELECT id, public_id, cohort_id, version_id, person_id, organisation_id FROM subjects;
