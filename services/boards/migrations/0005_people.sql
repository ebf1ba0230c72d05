-- People, sealed: who they are and how to reach them, and their political ties. Each has a key of their own, which the
-- master key wraps: without it the rest is noise, so erasing it erases the person. Everybody has both texts, all equally
-- long, so that neither length nor presence says whether somebody has a tie. What is deleted is swept away at once.
CREATE TABLE person (
    id          uuid PRIMARY KEY,
    unit        text NOT NULL,
    wrapped_key bytea NOT NULL,
    identity    bytea NOT NULL,
    profile     bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
CREATE INDEX person_unit ON person (unit);

-- Who has been erased, so that nobody enters them again by mistake.
CREATE TABLE person_erased (
    person uuid PRIMARY KEY,
    unit   text NOT NULL,
    on_day date NOT NULL
);

-- Who looked at, or entered, whose data, which of them, and for what: sealed, for a tie that was entered is a tie. Rows
-- are added, never changed; with a person's key they become noise.
CREATE TABLE access (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid NOT NULL,
    unit   text NOT NULL,
    access bytea NOT NULL
);
CREATE INDEX access_person ON access (person, id);

-- For which periods reports are due: what reporting told, one row per event.
CREATE TABLE period_declared (
    event       uuid PRIMARY KEY,
    period      text NOT NULL,
    version     int  NOT NULL,
    unit        text NOT NULL,
    period_from date NOT NULL,
    period_to   date NOT NULL
);

CREATE VIEW report_period AS
SELECT DISTINCT ON (p.period) p.period, p.unit, p.period_from, p.period_to
  FROM period_declared AS p
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = p.event)
 ORDER BY p.period, p.version DESC;
