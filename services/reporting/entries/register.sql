-- A unit keeps a register from a day; and has confirmed it through a day.
SELECT CASE split_part(f.type, '.', 2) WHEN 'register_opened' THEN 'register_opened'
            ELSE 'register_confirmed' END AS kind,
       regexp_replace(f.unit, '^.*\.', '') AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('register', f.data ->> 'register_kept', 'through', f.data ->> 'through') AS attributes,
       f.event
  FROM facts AS f
 WHERE f.type IN ('buildings.register_opened.v1', 'buildings.register_confirmed.v1',
                  'boards.register_opened.v1', 'boards.register_confirmed.v1')
