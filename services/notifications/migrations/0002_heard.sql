-- What others told of places and of who receives their mail: one row per event, so that no order of arrival can
-- harm; what holds on a day is asked, not kept. Corrected events are left out by the views.

-- Administrative units: their names and paths.
CREATE TABLE unit_established (
    event   uuid PRIMARY KEY,
    unit_id text NOT NULL,
    path    text NOT NULL,
    name    text NOT NULL
);
CREATE INDEX unit_established_unit ON unit_established (unit_id);

-- Residential groups (tổ dân phố): their numbers.
CREATE TABLE residential_group_formed (
    event    uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    number   text NOT NULL
);
CREATE INDEX residential_group_formed_group ON residential_group_formed (group_id);

-- Apartment buildings: their names.
CREATE TABLE building_registered (
    event    uuid PRIMARY KEY,
    building uuid NOT NULL,
    name     text NOT NULL
);
CREATE INDEX building_registered_building ON building_registered (building);

-- Where a building lies from a day: told when it is registered, and again when it is assigned elsewhere.
CREATE TABLE building_placed (
    event    uuid PRIMARY KEY,
    building uuid NOT NULL,
    version  int  NOT NULL,
    on_day   date NOT NULL,
    path     text NOT NULL
);
CREATE INDEX building_placed_building ON building_placed (building, on_day, version);

-- That a building belongs to a residential group from a day, or no longer does.
CREATE TABLE building_linked (
    event    uuid PRIMARY KEY,
    building uuid NOT NULL,
    group_id uuid NOT NULL,
    version  int  NOT NULL,
    on_day   date NOT NULL,
    linked   boolean NOT NULL
);
CREATE INDEX building_linked_building ON building_linked (building, group_id, on_day, version);

-- Who receives what is sent to a unit or group from a day; nobody where the person is null.
CREATE TABLE liaison_named (
    event   uuid PRIMARY KEY,
    place   text NOT NULL,
    version int  NOT NULL,
    on_day  date NOT NULL,
    person  uuid
);
CREATE INDEX liaison_named_place ON liaison_named (place, on_day, version);

CREATE VIEW unit AS
SELECT unit_id AS id, path, name FROM unit_established AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW residential_group AS
SELECT group_id AS id, number FROM residential_group_formed AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW building AS
SELECT building AS id, name FROM building_registered AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW building_place AS
SELECT building, version, on_day, path FROM building_placed AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW building_link AS
SELECT building, group_id, version, on_day, linked FROM building_linked AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW liaison AS
SELECT place, version, on_day, person FROM liaison_named AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

-- Whether somebody with these grants may see what concerns a unit and these buildings: by the unit the event named,
-- or by where one of the buildings lies now.
CREATE FUNCTION concerns_scope(unit text, buildings uuid[], scope text[]) RETURNS boolean LANGUAGE sql STABLE
    RETURN in_scope(unit, scope)
        OR EXISTS (SELECT FROM unnest(buildings) AS b
                     CROSS JOIN LATERAL (SELECT p.path FROM building_place AS p WHERE p.building = b
                                          ORDER BY p.on_day DESC, p.version DESC LIMIT 1) AS n
                    WHERE in_scope(n.path, scope));
