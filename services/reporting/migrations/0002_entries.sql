-- Entries, as in book-keeping: from this day one more, or one less, of a kind, borne by a building, a residential
-- group or a unit. Derived from all events of a subject by the texts in entries/; never edited.
CREATE TABLE entries (
    kind       text NOT NULL,
    bearer     text NOT NULL,
    subject    text NOT NULL,
    on_day     date NOT NULL,
    sign       int  NOT NULL CHECK (sign IN (-1, 1)),
    attributes jsonb NOT NULL,
    event      uuid NOT NULL
);
CREATE INDEX entries_subject ON entries (subject);
CREATE INDEX entries_kind_day ON entries (kind, on_day);
CREATE INDEX entries_kind_bearer ON entries (kind, bearer);

-- Sums of entries for each additive line, bearer and month, and year; moved by the differences of each batch.
CREATE TABLE aggregates (
    line   text NOT NULL,
    bearer text NOT NULL,
    grain  text NOT NULL CHECK (grain IN ('M', 'Y')),
    period date NOT NULL,
    value  int  NOT NULL,
    PRIMARY KEY (line, grain, period, bearer)
);

-- Issues about figures that this service found, as it decided them.
CREATE TABLE issue (
    id           uuid PRIMARY KEY,
    rule         text NOT NULL,
    severity     text NOT NULL,
    unit         text NOT NULL,
    lines        text[] NOT NULL,
    origin       text,
    first        bigint,
    last         bigint,
    raised       date NOT NULL,
    resolved     date,
    acknowledged date,
    reason       text
);
