-- A directive was issued; its unit bears the entry.
SELECT 'directive' AS kind, regexp_replace(f.unit, '^.*\.', '') AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('number', f.data -> 'number', 'assignees', f.data -> 'assignees', 'due', f.data -> 'due')
           AS attributes,
       f.event
  FROM facts AS f
 WHERE f.type = 'boards.directive_issued.v1'
