-- It was looked at whether a coordination regulation still fits; the group named first in it bears the entry.
SELECT 'regulation_evaluated' AS kind, i.data -> 'pairs' -> 0 ->> 'group' AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('finding', f.data ->> 'finding') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS i ON i.subject = f.subject AND i.type = 'boards.coordination_regulation_issued.v1'
 WHERE f.type = 'boards.coordination_regulation_evaluated.v1'
