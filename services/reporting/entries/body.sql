-- A residential group has a body: a head, a committee, an association.
SELECT 'body' AS kind, e.data ->> 'group' AS bearer, f.subject, f.on_day,
       CASE f.type WHEN 'boards.group_body_established.v1' THEN 1 ELSE -1 END AS sign,
       jsonb_build_object('body', e.data ->> 'body') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS e ON e.subject = f.subject AND e.type = 'boards.group_body_established.v1'
 WHERE f.type IN ('boards.group_body_established.v1', 'boards.group_body_ended.v1')
