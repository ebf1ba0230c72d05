-- What every service's database has before its own tables: the log it tells from, the memory of what it heard,
-- and the place for what it could not understand.

-- "Now" for all SQL of ours. Outside production it can be set, so that a test can live on another day.
CREATE TABLE clock_setting (at timestamptz);
CREATE FUNCTION clock() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN coalesce((SELECT at FROM clock_setting), now());

-- Whether a unit, by its path, lies in one of the granted subtrees. The dot keeps Q004 from covering Q0041.
-- Written without a subquery, so that the planner can put it into the question; no unit id holds % or _.
CREATE FUNCTION in_scope(unit text, scope text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN unit || '.' LIKE ANY (string_to_array(array_to_string(scope, '.%,') || '.%', ','));

-- Batches in which old paper is entered: who answers for it is in the log.
CREATE TABLE takeover (
    id   uuid PRIMARY KEY,
    name text NOT NULL,
    unit text NOT NULL
);

-- The log: audit trail, outbox and source of replays in one. Rows are added, never changed or removed.
CREATE TABLE event_log (
    pos             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid             xid8   NOT NULL DEFAULT pg_current_xact_id(),
    id              uuid   NOT NULL CONSTRAINT event_log_id UNIQUE,
    type            text   NOT NULL,
    subject         text   NOT NULL,
    version         int    NOT NULL,
    unit            text   NOT NULL,
    recorded        timestamptz NOT NULL,
    takeover        uuid   CONSTRAINT event_log_takeover REFERENCES takeover (id),
    corrects        uuid,
    -- caller and Idempotency-Key, hashed; with it a keyed hash of what was asked, so that another question is noticed
    idempotency_key text   CONSTRAINT event_log_idempotency UNIQUE,
    asked           bytea,
    body            json   NOT NULL,
    CONSTRAINT event_log_version UNIQUE (subject, version)
);
-- The order in which the log is told. It is not the order of pos: a later number can be committed first.
CREATE INDEX event_log_order ON event_log (xid, pos);

-- In which order the log was told: dense numbers, given by the relay, by which readers see gaps.
CREATE TABLE log_order (
    logseq bigint PRIMARY KEY,
    pos    bigint NOT NULL CONSTRAINT log_order_pos UNIQUE REFERENCES event_log (pos)
);

-- How far the relay has come: numbered up to (xid, pos), confirmed by the broker up to sent.
CREATE TABLE relay (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid      xid8   NOT NULL DEFAULT '0',
    pos      bigint NOT NULL DEFAULT 0,
    numbered bigint NOT NULL DEFAULT 0,
    sent     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO relay DEFAULT VALUES;

-- A command's first statement: take the subjects, in one order for everybody, and say their last versions.
-- It must come before the transaction has an id: the log is read in the order of transaction ids, so an id taken
-- before the lock could put a later version of a subject before an earlier one.
CREATE FUNCTION event_log_lock(subjects text[]) RETURNS TABLE (subject text, version int) LANGUAGE plpgsql AS $$
DECLARE
    one text;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'subjects must be locked before the transaction writes anything' USING ERRCODE = 'CC001';
    END IF;
    FOR one IN SELECT DISTINCT s FROM unnest(subjects) AS s ORDER BY s LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('subject:' || one, 0));
    END LOOP;
    RETURN QUERY SELECT s, (SELECT coalesce(max(l.version), 0) FROM event_log AS l WHERE l.subject = s)
                   FROM unnest(subjects) AS s;
END $$;

-- Which events of others have been applied: each changes this service once.
CREATE TABLE inbox (
    event uuid PRIMARY KEY,
    heard timestamptz NOT NULL DEFAULT now()
);

-- Which events have been replaced or taken back by later ones; what they said counts no more.
CREATE TABLE corrected (
    event uuid PRIMARY KEY
);

-- Events that could not be applied, each with its error, until a retry or an operator settles them.
CREATE TABLE parked (
    id          uuid PRIMARY KEY,
    type        text NOT NULL,
    subject     text,
    error       text NOT NULL,
    fingerprint text NOT NULL,
    attempts    int  NOT NULL DEFAULT 1,
    parked_at   timestamptz NOT NULL DEFAULT now(),
    next_at     timestamptz,
    source      text,
    logseq      bigint,
    body        bytea NOT NULL
);
CREATE INDEX parked_due ON parked (next_at) WHERE next_at IS NOT NULL;

-- What the broker must have, as declared by the last migration; whoever connects declares it again.
CREATE TABLE topology (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    plan json NOT NULL
);
