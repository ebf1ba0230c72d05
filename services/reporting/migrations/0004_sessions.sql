-- Tickets let one browser in, once and within minutes. Only hashes of secrets are kept: who reads these tables comes
-- in nowhere.
CREATE TABLE ticket (
    hash        bytea PRIMARY KEY,
    actor       text NOT NULL,
    permissions text[] NOT NULL,
    units       text[] NOT NULL,
    next        text NOT NULL,
    expires     timestamptz NOT NULL,
    used        timestamptz
);

-- Sessions: whom a browser speaks for, with the permissions and units of the token that asked for its ticket.
CREATE TABLE session (
    hash        bytea PRIMARY KEY,
    actor       text NOT NULL,
    permissions text[] NOT NULL,
    units       text[] NOT NULL,
    expires     timestamptz NOT NULL
);
