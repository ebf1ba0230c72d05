-- A period was declared, a figure of it, or a target for it: until the same is told again. The unit bears the entry.
SELECT CASE d.type WHEN 'reporting.period_declared.v1' THEN 'period'
                   WHEN 'reporting.figure_declared.v1' THEN 'figure' ELSE 'target' END AS kind,
       regexp_replace(d.unit, '^.*\.', '') AS bearer, d.subject, o.on_day, o.sign,
       d.data::jsonb || jsonb_build_object('unit', d.unit, 'document', d.body -> 'document') AS attributes, o.event
  FROM (SELECT f.*, lead(f.on_day) OVER timeline AS next_day, lead(f.event) OVER timeline AS next_event
          FROM facts AS f
         WHERE f.type IN ('reporting.period_declared.v1', 'reporting.figure_declared.v1', 'reporting.target_set.v1')
        WINDOW timeline AS (PARTITION BY f.subject ORDER BY f.version)) AS d
 CROSS JOIN LATERAL (VALUES (d.on_day, 1, d.event), (d.next_day, -1, d.next_event)) AS o (on_day, sign, event)
 WHERE o.on_day IS NOT NULL
