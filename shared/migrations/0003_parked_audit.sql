-- Where a parked event failed (module, line, function), for whoever has to understand it.
ALTER TABLE parked ADD COLUMN place text;

-- What operators did to parked events, with all that is needed to undo it. Rows are added, never changed or removed.
CREATE TABLE parked_audit (
    pos         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    operator    text NOT NULL CONSTRAINT parked_audit_operator CHECK (operator <> ''),
    action      text NOT NULL
                CONSTRAINT parked_audit_action CHECK (action IN ('LOOKED', 'RETRIED', 'EDITED', 'DROPPED', 'RESTORED')),
    reason      text CONSTRAINT parked_audit_reason CHECK (length(reason) >= 10),
    -- the row of parked as it was
    event       uuid NOT NULL,
    type        text NOT NULL,
    subject     text,
    error       text NOT NULL,
    place       text,
    fingerprint text NOT NULL,
    attempts    int  NOT NULL,
    parked_at   timestamptz NOT NULL,
    source      text,
    logseq      bigint,
    -- the bytes taken away or replaced, and those put there
    before      bytea,
    after       bytea,
    CONSTRAINT parked_audit_reasoned CHECK (action IN ('RETRIED', 'RESTORED') OR reason IS NOT NULL)
);
CREATE INDEX parked_audit_event ON parked_audit (event, pos);

CREATE FUNCTION parked_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what operators did is neither changed nor removed' USING ERRCODE = 'CC002';
END $$;
CREATE TRIGGER parked_audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON parked_audit
    FOR EACH STATEMENT EXECUTE FUNCTION parked_audit_stays();
