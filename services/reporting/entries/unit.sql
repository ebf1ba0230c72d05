-- An administrative unit exists.
SELECT 'unit' AS kind, e.subject AS bearer, e.subject, f.on_day,
       CASE f.type WHEN 'buildings.unit_established.v1' THEN 1 ELSE -1 END AS sign,
       jsonb_build_object('path', e.unit, 'name', e.data ->> 'name', 'level', e.data ->> 'kind') AS attributes,
       f.event
  FROM facts AS f
  JOIN facts AS e ON e.subject = f.subject AND e.type = 'buildings.unit_established.v1'
 WHERE f.type IN ('buildings.unit_established.v1', 'buildings.unit_closed.v1')
