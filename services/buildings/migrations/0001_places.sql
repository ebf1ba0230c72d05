-- Administrative units (đơn vị hành chính), each with its days. The id is ours: official codes are used again.
CREATE TABLE unit (
    id            text PRIMARY KEY,
    path          text NOT NULL CONSTRAINT unit_path UNIQUE,
    name          text NOT NULL,
    kind          text NOT NULL,
    official_code text NOT NULL,
    parent        text REFERENCES unit (id),
    since         date,
    recorded_from date NOT NULL,
    closed        date,
    CONSTRAINT unit_days CHECK (closed > recorded_from)
);
CREATE INDEX unit_parent ON unit (parent);

-- What a closed unit passed into; more than one where it was divided.
CREATE TABLE succession (
    unit      text NOT NULL REFERENCES unit (id),
    successor text NOT NULL REFERENCES unit (id),
    kind      text NOT NULL,
    whole     boolean NOT NULL,
    PRIMARY KEY (unit, successor)
);

-- Residential groups (tổ dân phố): self-governing, no administrative units. A number may be used again later.
CREATE TABLE residential_group (
    id        uuid PRIMARY KEY,
    ward      text NOT NULL REFERENCES unit (id),
    unit      text NOT NULL,
    number    text NOT NULL,
    formed    date NOT NULL,
    dissolved date,
    CONSTRAINT residential_group_days CHECK (dissolved > formed)
);
CREATE UNIQUE INDEX residential_group_number ON residential_group (ward, number) WHERE dissolved IS NULL;
CREATE INDEX residential_group_list ON residential_group (unit, id);

-- Who receives what is sent to a unit or group, from which day; nobody where the person is null.
CREATE TABLE liaison (
    place    text NOT NULL,
    from_day date NOT NULL,
    person   uuid,
    PRIMARY KEY (place, from_day)
);

-- Apartment buildings (nhà chung cư) and their facts.
CREATE TABLE building (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    address    text NOT NULL,
    blocks     int  NOT NULL CHECK (blocks >= 1),
    storeys    int  NOT NULL CHECK (storeys >= 2),
    apartments int  NOT NULL CHECK (apartments >= 0),
    lift       boolean NOT NULL,
    built_year int,
    owners     text NOT NULL,
    registered date NOT NULL
);

-- In which ward a building lies, from which day until the next row's.
CREATE TABLE building_place (
    building uuid NOT NULL REFERENCES building (id),
    from_day date NOT NULL,
    ward     text NOT NULL REFERENCES unit (id),
    unit     text NOT NULL,
    PRIMARY KEY (building, from_day)
);
CREATE INDEX building_place_list ON building_place (unit, building);
CREATE INDEX building_place_ward ON building_place (ward);

-- When a building is in use: from a day until, exclusively, another.
CREATE TABLE building_use (
    building  uuid NOT NULL REFERENCES building (id),
    from_day  date NOT NULL,
    until_day date,
    PRIMARY KEY (building, from_day),
    CONSTRAINT building_use_days CHECK (until_day > from_day)
);

-- To which residential groups a building belongs; many to many, from a day until, exclusively, another.
CREATE TABLE building_group (
    building  uuid NOT NULL REFERENCES building (id),
    group_id  uuid NOT NULL REFERENCES residential_group (id),
    from_day  date NOT NULL,
    until_day date,
    PRIMARY KEY (building, group_id, from_day),
    CONSTRAINT building_group_days CHECK (until_day > from_day)
);
CREATE INDEX building_group_group ON building_group (group_id);
