-- A building is in use, with so many apartments.
SELECT 'in_use' AS kind, f.subject AS bearer, f.subject, f.on_day,
       CASE f.type WHEN 'buildings.building_put_in_use.v1' THEN 1 ELSE -1 END AS sign,
       jsonb_build_object('apartments', coalesce((r.data ->> 'apartments')::int, 0)) AS attributes, f.event
  FROM facts AS f
  LEFT JOIN facts AS r ON r.subject = f.subject AND r.type = 'buildings.building_registered.v1'
 WHERE f.type IN ('buildings.building_put_in_use.v1', 'buildings.building_taken_out_of_use.v1')
