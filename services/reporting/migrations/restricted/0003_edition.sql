-- Nothing is derived of restricted facts, so no definitions are ever noted here.
ALTER TABLE reader ADD COLUMN derived_by text;
