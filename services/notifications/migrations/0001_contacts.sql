-- Who can be reached, and how: here and nowhere else. Name and addresses are sealed with a key of the person's own,
-- which the master key wraps: without the key the rest is noise, so erasing it erases the person.
CREATE TABLE contact (
    person      uuid PRIMARY KEY,
    unit        text NOT NULL,
    language    text NOT NULL CONSTRAINT contact_language CHECK (language IN ('vi', 'en')),
    channels    text[] NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed      bytea NOT NULL
);
