-- What was replayed is history, also after it had to be put aside: it is known then, and nobody is notified.
-- It stays so when an operator drops it and puts it back.
ALTER TABLE parked ADD replayed boolean NOT NULL DEFAULT false;
ALTER TABLE parked_audit ADD replayed boolean NOT NULL DEFAULT false;
