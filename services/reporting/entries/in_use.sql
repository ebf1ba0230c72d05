-- A building is in use.
SELECT 'in_use' AS kind, f.subject AS bearer, f.subject, f.on_day,
       CASE f.type WHEN 'buildings.building_put_in_use.v1' THEN 1 ELSE -1 END AS sign,
       '{}'::jsonb AS attributes, f.event
  FROM facts AS f
 WHERE f.type IN ('buildings.building_put_in_use.v1', 'buildings.building_taken_out_of_use.v1')
