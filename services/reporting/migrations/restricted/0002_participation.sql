-- Political participation as it was last told of each participant: RECORDED counts; ENDED and ERASED count no more.
CREATE VIEW participation AS
SELECT r.subject AS participant, r.body -> 'data' ->> 'stage' AS stage,
       r.unit, regexp_replace(r.unit, '^.*\.', '') AS ward,
       (r.body -> 'data' ->> 'period_from')::date AS period_from,
       (r.body -> 'data' ->> 'period_to')::date AS period_to,
       ARRAY(SELECT json_array_elements_text(r.body -> 'data' -> 'categories')) AS categories,
       upper(split_part(split_part(l.type, '_', 2), '.', 1)) AS state,
       r.event, r.recorded
  FROM (SELECT DISTINCT ON (subject) * FROM journal
         WHERE type = 'boards.participation_recorded.v1' ORDER BY subject, version DESC) AS r
  JOIN (SELECT DISTINCT ON (subject) subject, type FROM journal ORDER BY subject, version DESC) AS l
    ON l.subject = r.subject;
