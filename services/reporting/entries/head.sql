-- A person heads a board in force: from the formation or the day it was put in order, as it says, until the next such
-- day, until the person left, or the board is in force no more. The leading building bears the entry.
SELECT 'head' AS kind, h.building AS bearer, h.subject, o.on_day, o.sign,
       jsonb_build_object('person', h.person) AS attributes, o.event
  FROM (SELECT DISTINCT ON (s.event) s.subject, s.event, s.from_day, s.person, s.building,
               least(s.until_day, e.on_day) AS until_day,
               CASE WHEN e.on_day < s.until_day THEN e.event ELSE s.until_event END AS until_event
          FROM (SELECT f.subject, f.type, f.event, f.version, f.on_day AS from_day,
                       least(lead(f.on_day) OVER timeline, (f.data ->> 'term_to')::date + 1) AS until_day,
                       CASE WHEN lead(f.on_day) OVER timeline <= (f.data ->> 'term_to')::date
                            THEN lead(f.event) OVER timeline ELSE f.event END AS until_event,
                       (SELECT m ->> 'person' FROM json_array_elements(f.data -> 'members') AS m
                         WHERE m ->> 'role' = 'HEAD' LIMIT 1) AS person,
                       b.data -> 'building_ids' ->> 0 AS building
                  FROM facts AS f
                  JOIN facts AS b ON b.subject = f.subject AND b.type = 'boards.board_formed.v1'
                 WHERE f.type IN ('boards.board_formed.v1', 'boards.board_consolidated.v1', 'boards.board_closed.v1')
                WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.on_day, f.version)) AS s
          LEFT JOIN facts AS e ON e.subject = s.subject AND e.type = 'boards.board_member_ended.v1'
                              AND e.data ->> 'person' = s.person
                              AND (e.on_day, e.version) > (s.from_day, s.version)
         WHERE s.type <> 'boards.board_closed.v1' AND s.person IS NOT NULL
         ORDER BY s.event, e.on_day, e.version) AS h
 CROSS JOIN LATERAL (VALUES (h.from_day, 1, h.event), (h.until_day, -1, h.until_event)) AS o (on_day, sign, event)
 WHERE h.from_day < h.until_day
