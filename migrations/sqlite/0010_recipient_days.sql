-- How many mails an address is sent on a local day, so that no more begin than were stated, however many
-- processes send. The address goes with its person; days that are over are forgotten.
CREATE TABLE recipient_days (
    day     TEXT NOT NULL,
    address TEXT NOT NULL,
    mails   INTEGER NOT NULL,
    PRIMARY KEY (day, address)
) STRICT, WITHOUT ROWID;

-- merged_into: the mail that said what this one was to say, and ended as it did. Only what is on the wire or
-- has ended is merged: whatever is queued stands for itself.
-- counted_on: the local day on which it was last counted among those of its recipient.
ALTER TABLE outbox ADD COLUMN merged_into INTEGER REFERENCES outbox (id);
ALTER TABLE outbox ADD COLUMN counted_on TEXT;

CREATE INDEX outbox_merged ON outbox (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX outbox_gathered ON outbox (address) WHERE status = 'queued' AND reason = 'gathered-day';
