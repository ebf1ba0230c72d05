-- A petition about a building was flagged as a complex case.
SELECT 'complex' AS kind, p.data ->> 'building' AS bearer, f.subject, f.on_day, 1 AS sign,
       jsonb_build_object('petition', f.subject, 'reason', f.data ->> 'reason') AS attributes, f.event
  FROM facts AS f
  JOIN facts AS p ON p.subject = f.subject AND p.type = 'boards.petition_filed.v1'
 WHERE f.type = 'boards.petition_flagged_complex.v1'
   AND p.data ->> 'building' IS NOT NULL
