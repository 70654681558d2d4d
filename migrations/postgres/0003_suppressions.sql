-- Who wants no more announcements of a workflow. The address is in small letters; it identifies a person
-- and stays for as long as nothing may be sent to it. The secret signs links in mail.
CREATE TABLE suppressions (
    workflow TEXT NOT NULL,
    address  TEXT NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (workflow, address)
);

ALTER TABLE cluster ADD COLUMN secret TEXT NOT NULL DEFAULT '';
UPDATE cluster SET secret = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
