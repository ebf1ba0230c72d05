-- What was declared, as this service decided it: the periods for which a report is due, figures of them, and targets.
-- Reports take them from the journal, so that they too are as known at a position.
CREATE TABLE declared_period (
    code      text PRIMARY KEY,
    report    text NOT NULL,
    unit      text NOT NULL,
    name      text NOT NULL,
    from_day  date NOT NULL,
    to_day    date NOT NULL,
    -- through which position of the journal its findings are told, and since when
    looked    bigint NOT NULL DEFAULT 0,
    looked_at timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT declared_period_days CHECK (from_day <= to_day)
);
CREATE INDEX declared_period_report ON declared_period (report, unit);

CREATE TABLE declared_figure (
    id          uuid PRIMARY KEY,
    period      text NOT NULL REFERENCES declared_period (code),
    line        text NOT NULL,
    value       int,
    denominator int,
    claim       text,
    baseline    text,
    note        text,
    CONSTRAINT declared_figure_line UNIQUE (period, line)
);

CREATE TABLE target (
    id     uuid PRIMARY KEY,
    period text NOT NULL REFERENCES declared_period (code),
    line   text NOT NULL,
    value  int  NOT NULL,
    CONSTRAINT target_line UNIQUE (period, line)
);

-- Of which period an issue was found, and in which figures; an issue raised anew has others.
ALTER TABLE issue
    ADD COLUMN period   text,
    ADD COLUMN figures  json NOT NULL DEFAULT '[]',
    ADD COLUMN readings json NOT NULL DEFAULT '[]';
CREATE INDEX issue_period ON issue (period) WHERE period IS NOT NULL;

-- Each kind of entry is derived from events of a few types.
CREATE INDEX journal_type ON journal (type);
