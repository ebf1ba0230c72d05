-- A board was reviewed and left as it was, or put in order; its leading building bears the entry.
SELECT CASE f.type WHEN 'boards.board_reviewed.v1' THEN 'board_reviewed' ELSE 'board_consolidated' END AS kind,
       b.data -> 'building_ids' ->> 0 AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('decision', f.data -> 'decision') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS b ON b.subject = f.subject AND b.type = 'boards.board_formed.v1'
 WHERE f.type IN ('boards.board_reviewed.v1', 'boards.board_consolidated.v1')
