-- A party cell answers for a residential group, which bears the entry.
SELECT 'cell' AS kind, c.group_id AS bearer, c.subject, o.on_day, o.sign, '{}'::jsonb AS attributes, o.event
  FROM (SELECT f.subject, f.type, f.event, f.data ->> 'group' AS group_id, f.on_day AS from_day,
               lead(f.on_day) OVER links AS until_day, lead(f.event) OVER links AS until_event
          FROM facts AS f
         WHERE f.type IN ('boards.party_cell_linked.v1', 'boards.party_cell_unlinked.v1')
        WINDOW links AS (PARTITION BY f.subject, f.data ->> 'group' ORDER BY f.on_day, f.version)) AS c
 CROSS JOIN LATERAL (VALUES (c.from_day, 1, c.event), (c.until_day, -1, c.until_event)) AS o (on_day, sign, event)
 WHERE c.type = 'boards.party_cell_linked.v1'
   AND o.on_day IS NOT NULL
