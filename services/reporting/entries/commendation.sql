-- Somebody was commended; the unit bears the entry.
SELECT 'commendation' AS kind, regexp_replace(f.unit, '^.*\.', '') AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('recipient', f.data ->> 'recipient') AS attributes, f.event
  FROM facts AS f
 WHERE f.type = 'boards.commendation_decided.v1'
