-- The unit in which a building lies on a day; on 'infinity', the one in which it lies now.
CREATE FUNCTION place_on(building uuid, day date) RETURNS TABLE (unit text) LANGUAGE sql STABLE AS $$
    SELECT p.unit FROM building_place AS p
     WHERE p.building = place_on.building AND p.from_day <= place_on.day
     ORDER BY p.from_day DESC
     LIMIT 1
$$;

-- Inspections (kiểm tra) of a building; `unit` is where it lay that day.
CREATE TABLE inspection (
    id        uuid PRIMARY KEY,
    unit      text NOT NULL,
    building  uuid NOT NULL REFERENCES building (id),
    inspected date NOT NULL,
    topic     text NOT NULL
);
CREATE INDEX inspection_list ON inspection (unit, id);
CREATE INDEX inspection_building ON inspection (building);

-- Violations put on record (lập biên bản), found by an inspection when one is named: decided once, remedied once.
CREATE TABLE violation (
    id         uuid PRIMARY KEY,
    unit       text NOT NULL,
    building   uuid NOT NULL REFERENCES building (id),
    inspection uuid REFERENCES inspection (id),
    code       text NOT NULL,
    recorded   date NOT NULL,
    decided    date,
    symbol     text,
    issuer     text,
    remedied   date,
    CONSTRAINT violation_days CHECK (decided >= recorded AND remedied >= recorded),
    CONSTRAINT violation_decision CHECK (num_nulls(decided, symbol, issuer) IN (0, 3))
);
CREATE INDEX violation_list ON violation (unit, id);
CREATE INDEX violation_building ON violation (building);
