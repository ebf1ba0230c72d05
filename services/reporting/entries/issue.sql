-- An issue about figures stands: from when it was raised until it was resolved or acknowledged.
SELECT 'issue' AS kind, i.subject AS bearer, i.subject, o.on_day, o.sign, o.attributes, o.event
  FROM (SELECT f.*,
               lead(f.on_day) OVER timeline AS end_day,
               lead(f.event) OVER timeline AS end_event
          FROM facts AS f
         WHERE f.type IN ('reporting.data_quality_issue_raised.v1', 'reporting.data_quality_issue_resolved.v1',
                          'reporting.data_quality_issue_acknowledged.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.version)) AS i
 CROSS JOIN LATERAL (VALUES (i.on_day, 1, i.event), (i.end_day, -1, i.end_event)) AS e (on_day, sign, event)
 CROSS JOIN LATERAL (SELECT e.on_day, e.sign, e.event, i.data::jsonb || jsonb_build_object('unit', i.unit) AS attributes) AS o
 WHERE i.type = 'reporting.data_quality_issue_raised.v1'
   AND o.on_day IS NOT NULL
