-- By which definitions entries and sums are derived; who derives by others applies nothing to them.
ALTER TABLE reader ADD COLUMN derived_by text;

-- How the last comparison of entries and sums with what they are derived from ended, and since when one is under way.
CREATE TABLE comparison (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    begun       timestamptz NOT NULL DEFAULT '-infinity',
    ended       timestamptz,
    seconds     double precision,
    differences int
);
INSERT INTO comparison DEFAULT VALUES;
