-- A class was held; and a person was taught a topic in it. The unit of the class bears both.
SELECT 'class_held' AS kind, regexp_replace(f.unit, '^.*\.', '') AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('topics', f.data -> 'topics') AS attributes, f.event
  FROM facts AS f
 WHERE f.type = 'boards.training_held.v1'
 UNION ALL
SELECT 'trained', regexp_replace(f.unit, '^.*\.', ''), f.subject, f.on_day, 1,
       jsonb_build_object('person', p.person, 'topic', t.topic), f.event
  FROM facts AS f
 CROSS JOIN LATERAL json_array_elements_text(f.data -> 'attended') AS p (person)
 CROSS JOIN LATERAL json_array_elements_text(f.data -> 'topics') AS t (topic)
 WHERE f.type = 'boards.training_held.v1'
