-- What the buildings service told: one row per event, so that no order of arrival can harm; what holds on a day is
-- asked, not kept.
CREATE TABLE unit_established (
    event   uuid PRIMARY KEY,
    unit_id text NOT NULL,
    path    text NOT NULL,
    on_day  date NOT NULL
);
CREATE INDEX unit_established_unit ON unit_established (unit_id);

CREATE TABLE unit_closed (
    event   uuid PRIMARY KEY,
    unit_id text NOT NULL,
    on_day  date NOT NULL
);
CREATE INDEX unit_closed_unit ON unit_closed (unit_id);

CREATE TABLE building_registered (
    event    uuid PRIMARY KEY,
    building uuid NOT NULL,
    version  int  NOT NULL,
    on_day   date NOT NULL,
    unit     text NOT NULL,
    blocks   int  NOT NULL
);
CREATE INDEX building_registered_building ON building_registered (building);

CREATE TABLE building_assigned_to_unit (
    event    uuid PRIMARY KEY,
    building uuid NOT NULL,
    version  int  NOT NULL,
    on_day   date NOT NULL,
    unit     text NOT NULL
);
CREATE INDEX building_assigned_to_unit_building ON building_assigned_to_unit (building);

-- Units with their days, corrected events left out.
CREATE VIEW unit AS
SELECT e.unit_id, e.path, e.on_day AS established,
       (SELECT min(c.on_day) FROM unit_closed AS c
         WHERE c.unit_id = e.unit_id AND NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = c.event)) AS closed
  FROM unit_established AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

-- Buildings with their blocks.
CREATE VIEW building AS
SELECT DISTINCT ON (r.building) r.building, r.blocks
  FROM building_registered AS r
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = r.event)
 ORDER BY r.building, r.version DESC;

-- In which unit a building lies, from which day until the next row's.
CREATE VIEW building_place AS
SELECT building, on_day AS from_day, version, unit FROM building_registered AS r
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = r.event)
UNION ALL
SELECT building, on_day, version, unit FROM building_assigned_to_unit AS a
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = a.event);

-- The unit in which a building lies on a day; on 'infinity', the one in which it lies now.
CREATE FUNCTION place_on(building uuid, day date) RETURNS TABLE (unit text) LANGUAGE sql STABLE AS $$
    SELECT p.unit FROM building_place AS p
     WHERE p.building = place_on.building AND p.from_day <= place_on.day
     ORDER BY p.from_day DESC, p.version DESC
     LIMIT 1
$$;
