-- A building was inspected, or a violation in it put on record.
SELECT CASE f.type WHEN 'buildings.inspection_conducted.v1' THEN 'inspection' ELSE 'violation' END AS kind,
       f.data ->> 'building' AS bearer, f.subject, f.on_day, 1 AS sign, f.data::jsonb AS attributes, f.event
  FROM facts AS f
 WHERE f.type IN ('buildings.inspection_conducted.v1', 'buildings.violation_recorded.v1')
