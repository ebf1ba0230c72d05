-- An issue about figures stands from when it was raised until it was resolved or raised anew; and it was acknowledged,
-- with the figures that it had, until then too.
SELECT i.kind, i.subject AS bearer, i.subject, o.on_day, o.sign, i.attributes, o.event
  FROM (SELECT CASE f.type WHEN 'reporting.data_quality_issue_raised.v1' THEN 'issue' END AS kind, f.subject,
               f.on_day, f.event, f.data::jsonb || jsonb_build_object('unit', f.unit) AS attributes,
               lead(f.on_day) OVER timeline AS end_day, lead(f.event) OVER timeline AS end_event
          FROM facts AS f
         WHERE f.type IN ('reporting.data_quality_issue_raised.v1', 'reporting.data_quality_issue_resolved.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.version)
         UNION ALL
        SELECT CASE f.type WHEN 'reporting.data_quality_issue_acknowledged.v1' THEN 'issue_acknowledged' END,
               f.subject, f.on_day, f.event,
               jsonb_build_object('on', f.on_day, 'reason', f.data ->> 'reason',
                                  'figures', lag(f.data -> 'figures') OVER timeline),
               lead(f.on_day) OVER timeline, lead(f.event) OVER timeline
          FROM facts AS f
         WHERE f.type IN ('reporting.data_quality_issue_raised.v1', 'reporting.data_quality_issue_resolved.v1',
                          'reporting.data_quality_issue_acknowledged.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.version)) AS i
 CROSS JOIN LATERAL (VALUES (i.on_day, 1, i.event), (i.end_day, -1, i.end_event)) AS o (on_day, sign, event)
 WHERE i.kind IS NOT NULL
   AND o.on_day IS NOT NULL
