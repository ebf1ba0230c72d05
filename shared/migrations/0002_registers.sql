-- The registers that units keep here: since when, and through which day they are confirmed complete.
CREATE TABLE register (
    id        uuid PRIMARY KEY,
    kept      text NOT NULL,
    unit      text NOT NULL,
    unit_id   text NOT NULL,
    opened    date NOT NULL,
    through   date,
    CONSTRAINT register_of_unit UNIQUE (kept, unit_id)
);
