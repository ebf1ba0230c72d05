-- A conflict is open, borne by the building, or by the ward where no building was named.
SELECT 'conflict' AS kind, coalesce(c.data ->> 'building', regexp_replace(c.unit, '^.*\.', '')) AS bearer, f.subject,
       f.on_day, CASE f.type WHEN 'boards.conflict_recorded.v1' THEN 1 ELSE -1 END AS sign,
       jsonb_build_object('topic', c.data ->> 'topic', 'parties', c.data ->> 'parties') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS c ON c.subject = f.subject AND c.type = 'boards.conflict_recorded.v1'
 WHERE f.type IN ('boards.conflict_recorded.v1', 'boards.conflict_settled.v1')
