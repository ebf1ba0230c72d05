-- The journal: every event heard, once, in the order it became known here. Its unique id is the inbox.
DROP TABLE inbox;
CREATE TABLE journal (
    seq      bigint PRIMARY KEY,
    event    uuid   NOT NULL CONSTRAINT journal_event UNIQUE,
    source   text   NOT NULL,
    logseq   bigint,
    type     text   NOT NULL,
    subject  text   NOT NULL,
    version  int    NOT NULL,
    on_day   date   NOT NULL,
    unit     text   NOT NULL,
    corrects uuid,
    takeover uuid,
    recorded timestamptz NOT NULL,
    heard    timestamptz NOT NULL DEFAULT now(),
    body     json   NOT NULL
);
CREATE INDEX journal_subject ON journal (subject);
CREATE INDEX journal_corrects ON journal (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX journal_logseq ON journal (source, logseq);
CREATE VIEW inbox AS SELECT event, heard FROM journal;

-- How far the journal goes. Every batch takes this row first, so positions are in the order of commits.
CREATE TABLE reader (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0
);
INSERT INTO reader DEFAULT VALUES;

-- How far each source's log goes, by its own word, and through which number nothing is missing here.
CREATE TABLE source (
    name     text PRIMARY KEY,
    head     bigint NOT NULL DEFAULT 0,
    complete bigint NOT NULL DEFAULT 0
);

-- Numbers of a source's log that are missing here, since when that is known, and when to ask for them again.
CREATE TABLE hole (
    source  text   NOT NULL,
    logseq  bigint NOT NULL,
    noticed timestamptz NOT NULL DEFAULT now(),
    asked   int    NOT NULL DEFAULT 0,
    ask_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, logseq)
);
