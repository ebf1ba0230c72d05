-- A board is in force: from its formation, or from the day it was put in order, until the next such day, the end of its
-- term, or its closure. The leading building bears the entry.
SELECT 'board' AS kind, t.buildings ->> 0 AS bearer, t.subject, o.on_day, o.sign,
       jsonb_build_object('buildings', t.buildings) AS attributes, o.event
  FROM (SELECT f.subject, f.type, f.event, f.on_day AS from_day,
               least(lead(f.on_day) OVER timeline, (f.data ->> 'term_to')::date + 1) AS until_day,
               CASE WHEN lead(f.on_day) OVER timeline <= (f.data ->> 'term_to')::date
                    THEN lead(f.event) OVER timeline ELSE f.event END AS until_event,
               b.data -> 'building_ids' AS buildings
          FROM facts AS f
          JOIN facts AS b ON b.subject = f.subject AND b.type = 'boards.board_formed.v1'
         WHERE f.type IN ('boards.board_formed.v1', 'boards.board_consolidated.v1', 'boards.board_closed.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.on_day, f.version)) AS t
 CROSS JOIN LATERAL (VALUES (t.from_day, 1, t.event), (t.until_day, -1, t.until_event)) AS o (on_day, sign, event)
 WHERE t.type <> 'boards.board_closed.v1'
   AND t.from_day < t.until_day
