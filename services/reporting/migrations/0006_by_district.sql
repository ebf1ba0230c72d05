-- A question about a district begins with who lies in it: by the path of the unit, and then by bearer.
CREATE INDEX entries_placed ON entries ((attributes ->> 'unit') text_pattern_ops) WHERE kind = 'placed' AND sign = 1;
CREATE INDEX aggregates_bearer ON aggregates (bearer, line);
-- Who was taught is asked by person, wherever the class was.
CREATE INDEX entries_trained ON entries ((attributes ->> 'person')) WHERE kind = 'trained';
