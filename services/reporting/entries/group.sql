-- A residential group exists.
SELECT 'group' AS kind, f.subject AS bearer, f.subject, f.on_day,
       CASE f.type WHEN 'buildings.residential_group_formed.v1' THEN 1 ELSE -1 END AS sign,
       '{}'::jsonb AS attributes, f.event
  FROM facts AS f
 WHERE f.type IN ('buildings.residential_group_formed.v1', 'buildings.residential_group_dissolved.v1')
