-- A residential group has people in a building in use: the days of the link that are also days of use. Both are told
-- of the building; the group bears the entry.
SELECT 'housed' AS kind, h.group_id AS bearer, h.subject, o.on_day, o.sign,
       jsonb_build_object('building', h.subject) AS attributes, o.event
  FROM (SELECT l.subject, l.group_id,
               greatest(l.from_day, u.from_day) AS from_day,
               CASE WHEN l.from_day >= u.from_day THEN l.event ELSE u.event END AS from_event,
               least(l.until_day, u.until_day) AS until_day,
               CASE WHEN u.until_day IS NULL OR l.until_day <= u.until_day THEN l.until_event
                    ELSE u.until_event END AS until_event
          FROM (SELECT f.subject, f.type, f.data ->> 'group' AS group_id, f.on_day AS from_day, f.event,
                       lead(f.on_day) OVER links AS until_day, lead(f.event) OVER links AS until_event
                  FROM facts AS f
                 WHERE f.type IN ('buildings.building_linked_to_residential_group.v1',
                                  'buildings.building_unlinked_from_residential_group.v1')
                WINDOW links AS (PARTITION BY f.subject, f.data ->> 'group' ORDER BY f.on_day, f.version)) AS l
          JOIN (SELECT f.subject, f.type, f.on_day AS from_day, f.event,
                       lead(f.on_day) OVER uses AS until_day, lead(f.event) OVER uses AS until_event
                  FROM facts AS f
                 WHERE f.type IN ('buildings.building_put_in_use.v1', 'buildings.building_taken_out_of_use.v1')
                WINDOW uses AS (PARTITION BY f.subject ORDER BY f.on_day, f.version)) AS u ON u.subject = l.subject
         WHERE l.type = 'buildings.building_linked_to_residential_group.v1'
           AND u.type = 'buildings.building_put_in_use.v1') AS h
 CROSS JOIN LATERAL (VALUES (h.from_day, 1, h.from_event), (h.until_day, -1, h.until_event)) AS o (on_day, sign, event)
 WHERE o.on_day IS NOT NULL
   AND (h.until_day IS NULL OR h.from_day < h.until_day)
