-- A residential group and a board both claim a task; the group bears the entry.
SELECT 'overlap' AS kind, r.data ->> 'group' AS bearer, f.subject, f.on_day,
       CASE f.type WHEN 'boards.overlap_issue_raised.v1' THEN 1 ELSE -1 END AS sign,
       jsonb_build_object('board', r.data ->> 'board', 'topic', r.data ->> 'topic') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS r ON r.subject = f.subject AND r.type = 'boards.overlap_issue_raised.v1'
 WHERE f.type IN ('boards.overlap_issue_raised.v1', 'boards.overlap_issue_resolved.v1')
