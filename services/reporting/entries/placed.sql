-- A bearer lies in a unit: a building from its registration and each assignment until the next, a residential group
-- where it was formed, a unit in itself.
SELECT 'placed' AS kind, s.subject AS bearer, s.subject, o.on_day, o.sign,
       jsonb_build_object('unit', s.unit, 'version', s.version) AS attributes, o.event
  FROM (SELECT f.*,
               lead(f.on_day) OVER timeline AS next_day,
               lead(f.event) OVER timeline AS next_event
          FROM facts AS f
         WHERE f.type IN ('buildings.building_registered.v1', 'buildings.building_assigned_to_unit.v1',
                          'buildings.residential_group_formed.v1', 'buildings.unit_established.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.on_day, f.version)) AS s
 CROSS JOIN LATERAL (VALUES (s.on_day, 1, s.event), (s.next_day, -1, s.next_event)) AS o (on_day, sign, event)
 WHERE o.on_day IS NOT NULL
