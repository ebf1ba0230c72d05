-- A conference was held, or a speech at one; its unit bears the entry.
SELECT CASE f.type WHEN 'boards.conference_held.v1' THEN 'conference' ELSE 'speech' END AS kind,
       regexp_replace(f.unit, '^.*\.', '') AS bearer, f.subject, f.on_day, 1 AS sign, f.data::jsonb AS attributes, f.event
  FROM facts AS f
 WHERE f.type IN ('boards.conference_held.v1', 'boards.speech_recorded.v1')
