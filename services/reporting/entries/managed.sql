-- A building is managed by a board in force: from its formation, or from the day it was put in order, until the next such
-- day, the end of its term, or its closure. Each building of a board bears an entry.
SELECT 'managed' AS kind, building AS bearer, t.subject, o.on_day, o.sign, '{}'::jsonb AS attributes, o.event
  FROM (SELECT f.subject, f.type, f.event, f.on_day AS from_day,
               least(lead(f.on_day) OVER timeline, (f.data ->> 'term_to')::date + 1) AS until_day,
               CASE WHEN lead(f.on_day) OVER timeline <= (f.data ->> 'term_to')::date
                    THEN lead(f.event) OVER timeline ELSE f.event END AS until_event,
               b.data -> 'building_ids' AS buildings
          FROM facts AS f
          JOIN facts AS b ON b.subject = f.subject AND b.type = 'boards.board_formed.v1'
         WHERE f.type IN ('boards.board_formed.v1', 'boards.board_consolidated.v1', 'boards.board_closed.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.on_day, f.version)) AS t
 CROSS JOIN LATERAL json_array_elements_text(t.buildings) AS b (building)
 CROSS JOIN LATERAL (VALUES (t.from_day, 1, t.event), (t.until_day, -1, t.until_event)) AS o (on_day, sign, event)
 WHERE t.type <> 'boards.board_closed.v1'
   AND t.from_day < t.until_day
