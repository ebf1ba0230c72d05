-- Events that somebody must be told of, with what a text needs of them and nothing personal. `suppressed` says why
-- nobody is told all the same; `look_at` is when to look next for residential groups that must be told too.
CREATE TABLE occasion (
    event       uuid PRIMARY KEY,
    type        text NOT NULL,
    subject     text NOT NULL,
    unit        text NOT NULL,
    unit_id     text NOT NULL,
    on_day      date NOT NULL,
    correlation uuid NOT NULL,
    corrects    uuid,
    buildings   uuid[] NOT NULL,
    facts       json NOT NULL,
    suppressed  text CONSTRAINT occasion_suppressed CHECK (suppressed IN ('HISTORICAL', 'CORRECTION')),
    heard       timestamptz NOT NULL DEFAULT clock(),
    looks       int NOT NULL DEFAULT 0,
    look_at     timestamptz
);
CREATE INDEX occasion_look ON occasion (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX occasion_corrects ON occasion (corrects) WHERE corrects IS NOT NULL;

-- Events that were taken back altogether: corrected, and no correction says anything in their place.
CREATE VIEW withdrawn AS
SELECT x.event FROM corrected AS x WHERE NOT EXISTS (SELECT FROM occasion AS o WHERE o.corrects = x.event);

-- That a place must be told of an event, by a rule; open until it is known who that is and how to reach them.
CREATE TABLE notice (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event    uuid NOT NULL CONSTRAINT notice_occasion REFERENCES occasion (event),
    rule     text NOT NULL,
    place    text NOT NULL,
    status   text NOT NULL CONSTRAINT notice_status CHECK (status IN ('OPEN', 'DECIDED', 'SUPPRESSED', 'FAILED')),
    reason   text,
    attempts int  NOT NULL DEFAULT 0,
    next_at  timestamptz,
    CONSTRAINT notice_once UNIQUE (event, rule, place),
    CONSTRAINT notice_open CHECK ((status = 'OPEN') = (next_at IS NOT NULL))
);
CREATE INDEX notice_due ON notice (next_at) WHERE next_at IS NOT NULL;

-- What is sent to whom over which channel, and how it went. One person is told of one event once per channel,
-- by however many rules. What lies here is in the inbox; an e-mail waits until `next_at`.
CREATE TABLE delivery (
    id         uuid PRIMARY KEY,
    event      uuid NOT NULL CONSTRAINT delivery_occasion REFERENCES occasion (event),
    rule       text NOT NULL,
    place      text NOT NULL,
    person     uuid NOT NULL,
    channel    text NOT NULL CONSTRAINT delivery_channel CHECK (channel IN ('INBOX', 'EMAIL')),
    unit       text NOT NULL,
    parameters json NOT NULL,
    status     text NOT NULL CONSTRAINT delivery_status CHECK (status IN ('DUE', 'SENT', 'FAILED', 'SUPPRESSED')),
    reason     text,
    attempts   int  NOT NULL DEFAULT 0,
    next_at    timestamptz,
    sent_at    timestamptz,
    CONSTRAINT delivery_once UNIQUE (event, person, channel),
    CONSTRAINT delivery_due CHECK ((status = 'DUE') = (next_at IS NOT NULL)),
    CONSTRAINT delivery_sent CHECK ((status = 'SENT') = (sent_at IS NOT NULL))
);
CREATE INDEX delivery_due ON delivery (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_person ON delivery (person, channel, id);
