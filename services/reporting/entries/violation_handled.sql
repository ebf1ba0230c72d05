-- A violation was handled: decided or remedied, whichever came first.
SELECT 'violation_handled' AS kind, h.bearer, h.subject, h.on_day, 1 AS sign, '{}'::jsonb AS attributes, h.event
  FROM (SELECT f.subject, f.on_day, f.event, v.data ->> 'building' AS bearer,
               row_number() OVER (PARTITION BY f.subject ORDER BY f.on_day, f.version) AS nth
          FROM facts AS f
          JOIN facts AS v ON v.subject = f.subject AND v.type = 'buildings.violation_recorded.v1'
         WHERE f.type IN ('buildings.violation_decided.v1', 'buildings.violation_remedied.v1')) AS h
 WHERE h.nth = 1
