-- What was replayed is history, also after it had to be put aside: it is known then, and nobody is notified.
ALTER TABLE parked ADD replayed boolean NOT NULL DEFAULT false;
