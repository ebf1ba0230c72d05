-- People, sealed: who they are and how to reach them, and their political ties. Each has a key of their own, which the
-- master key wraps: without it the rest is noise, so erasing it erases the person. Both texts are padded and everybody
-- has both, so that neither length nor presence says whether somebody has a tie.
CREATE TABLE person (
    id          uuid PRIMARY KEY,
    unit        text NOT NULL,
    wrapped_key bytea NOT NULL,
    identity    bytea NOT NULL,
    profile     bytea NOT NULL
);
CREATE INDEX person_unit ON person (unit);

-- Who has been erased, so that nobody enters them again by mistake.
CREATE TABLE person_erased (
    person uuid PRIMARY KEY,
    unit   text NOT NULL,
    on_day date NOT NULL
);

-- Who looked at, or entered, whose data, which of them, and for what. Rows are added, never changed or removed.
CREATE TABLE access (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    person  uuid NOT NULL,
    unit    text NOT NULL,
    part    text NOT NULL CONSTRAINT access_part CHECK (part IN ('IDENTITY', 'PROFILE')),
    action  text NOT NULL CONSTRAINT access_action CHECK (action IN ('READ', 'WRITTEN')),
    purpose text NOT NULL
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
