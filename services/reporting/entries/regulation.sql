-- A residential group and a board work together by a coordination regulation; the group bears the entry.
SELECT 'regulation' AS kind, p ->> 'group' AS bearer, f.subject, f.on_day,
       CASE f.type WHEN 'boards.coordination_regulation_issued.v1' THEN 1 ELSE -1 END AS sign,
       jsonb_build_object('board', p ->> 'board') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS i ON i.subject = f.subject AND i.type = 'boards.coordination_regulation_issued.v1'
 CROSS JOIN LATERAL json_array_elements(i.data -> 'pairs') AS p
 WHERE f.type IN ('boards.coordination_regulation_issued.v1', 'boards.coordination_regulation_lapsed.v1')
