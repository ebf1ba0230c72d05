-- What has been told of participants and holds. Nothing here joins a person: a participant is a name that only the
-- person's own key makes. `erased` waits for the next telling.
CREATE TABLE participation (
    participant text PRIMARY KEY,
    unit        text NOT NULL,
    stage       text NOT NULL,
    categories  text[] NOT NULL,
    period_from date NOT NULL,
    period_to   date NOT NULL,
    erased      boolean NOT NULL DEFAULT false
);

-- The last day on which participations were told.
CREATE TABLE telling (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    day date NOT NULL
);
