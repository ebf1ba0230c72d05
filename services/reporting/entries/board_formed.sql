-- A board was recognised for the first time; the leading building bears what is counted once.
SELECT 'board_formed' AS kind, f.data -> 'building_ids' ->> 0 AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('board', f.subject, 'buildings', f.data -> 'building_ids', 'decision', f.data -> 'decision')
           AS attributes,
       f.event
  FROM facts AS f
 WHERE f.type = 'boards.board_formed.v1'
