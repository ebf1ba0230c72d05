-- People of a building belong to a residential group, which bears the entry.
SELECT 'linked' AS kind, l.group_id AS bearer, l.subject, o.on_day, o.sign, '{}'::jsonb AS attributes, o.event
  FROM (SELECT f.subject, f.type, f.event, f.data ->> 'group' AS group_id, f.on_day AS from_day,
               lead(f.on_day) OVER links AS until_day, lead(f.event) OVER links AS until_event
          FROM facts AS f
         WHERE f.type IN ('buildings.building_linked_to_residential_group.v1',
                          'buildings.building_unlinked_from_residential_group.v1')
        WINDOW links AS (PARTITION BY f.subject, f.data ->> 'group' ORDER BY f.on_day, f.version)) AS l
 CROSS JOIN LATERAL (VALUES (l.from_day, 1, l.event), (l.until_day, -1, l.until_event)) AS o (on_day, sign, event)
 WHERE l.type = 'buildings.building_linked_to_residential_group.v1'
   AND o.on_day IS NOT NULL
