-- Whether the broker bears this log's mark: one that should and does not has lost what it held.
ALTER TABLE relay ADD COLUMN marked boolean NOT NULL DEFAULT false;
