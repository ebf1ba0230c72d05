-- Systems that are told what their unit is told: where they are called and the secret that signs, sealed with a key of
-- the endpoint's own. Both go when the subscription ends; `until_day` is the first day without.
CREATE TABLE endpoint (
    id          uuid PRIMARY KEY,
    unit_id     text NOT NULL,
    path        text NOT NULL,
    from_day    date NOT NULL,
    until_day   date,
    wrapped_key bytea,
    sealed      bytea,
    CONSTRAINT endpoint_days CHECK (until_day >= from_day),
    CONSTRAINT endpoint_sealed CHECK (num_nonnulls(wrapped_key, sealed) = CASE WHEN until_day IS NULL THEN 2 ELSE 0 END)
);
CREATE INDEX endpoint_unit ON endpoint (unit_id) WHERE until_day IS NULL;

-- When the event was told, for messages that say so; what was heard before this was kept has the time it was heard.
ALTER TABLE occasion ADD COLUMN told timestamptz;

-- A delivery goes to a person over a channel, or to a system, which is called.
ALTER TABLE delivery
    ALTER COLUMN person DROP NOT NULL,
    ADD COLUMN endpoint uuid CONSTRAINT delivery_endpoint REFERENCES endpoint (id),
    DROP CONSTRAINT delivery_channel,
    ADD CONSTRAINT delivery_channel CHECK (channel IN ('INBOX', 'EMAIL', 'WEBHOOK')),
    ADD CONSTRAINT delivery_recipient CHECK (num_nonnulls(person, endpoint) = 1),
    ADD CONSTRAINT delivery_called CHECK ((channel = 'WEBHOOK') = (endpoint IS NOT NULL)),
    ADD CONSTRAINT delivery_called_once UNIQUE (event, endpoint);
CREATE INDEX delivery_endpoint ON delivery (endpoint, id) WHERE endpoint IS NOT NULL;

-- The unit in which lies what a notice is for: the unit itself, the ward of a board on that day, the unit of a system;
-- null for a residential group.
CREATE FUNCTION place_path(holder text, place text, day date) RETURNS text LANGUAGE sql STABLE
    RETURN CASE holder
           WHEN 'LIAISON' THEN (SELECT u.path FROM unit AS u WHERE u.id = place LIMIT 1)
           WHEN 'HEAD' THEN (SELECT b.path FROM board_on(place::uuid, day) AS b)
           WHEN 'ENDPOINT' THEN (SELECT e.path FROM endpoint AS e WHERE e.id = place::uuid)
           END;
