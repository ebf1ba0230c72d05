-- Conferences (hội nghị) that lead the programme; the paper that one reviewed is named by all three, or none is.
CREATE TABLE conference (
    id              uuid PRIMARY KEY,
    unit            text NOT NULL,
    held            date NOT NULL,
    kind            text NOT NULL,
    reviewed_symbol text,
    reviewed_date   date,
    reviewed_issuer text,
    CONSTRAINT conference_reviewed CHECK (num_nulls(reviewed_symbol, reviewed_date, reviewed_issuer) IN (0, 3))
);
CREATE INDEX conference_list ON conference (unit, id);

-- How many of one role were invited to a conference, from which unit, and how many came.
CREATE TABLE conference_invitation (
    conference uuid NOT NULL REFERENCES conference (id),
    delegation text NOT NULL,
    unit_id    text NOT NULL,
    invited    int  NOT NULL,
    attended   int  NOT NULL,
    PRIMARY KEY (conference, delegation, unit_id),
    CONSTRAINT conference_invitation_came CHECK (attended BETWEEN 0 AND invited)
);

-- Speeches (tham luận) held at a conference, as they were recorded; two may be alike.
CREATE TABLE speech (
    conference uuid NOT NULL REFERENCES conference (id),
    nth        int  NOT NULL,
    held       date NOT NULL,
    bloc       text NOT NULL,
    topic      text NOT NULL,
    PRIMARY KEY (conference, nth)
);

-- Directives (kết luận, chỉ đạo): the number is unique within a conference, `due` is null where no deadline was set.
CREATE TABLE directive (
    id         uuid PRIMARY KEY,
    unit       text NOT NULL,
    conference uuid REFERENCES conference (id),
    number     int  NOT NULL,
    title      text NOT NULL,
    issued     date NOT NULL,
    due        date,
    CONSTRAINT directive_number UNIQUE (conference, number),
    CONSTRAINT directive_days CHECK (due >= issued)
);
CREATE INDEX directive_list ON directive (unit, id);

-- Which bodies of which units have to carry a directive out; there may be none.
CREATE TABLE directive_assignee (
    directive uuid NOT NULL REFERENCES directive (id),
    body      text NOT NULL,
    unit_id   text NOT NULL,
    PRIMARY KEY (directive, unit_id, body)
);

-- How far each unit has come with a directive, and since when.
CREATE TABLE directive_progress (
    directive uuid NOT NULL REFERENCES directive (id),
    unit_id   text NOT NULL,
    progress  text NOT NULL,
    since     date NOT NULL,
    PRIMARY KEY (directive, unit_id)
);

-- Classes (tập huấn) for board heads: announced for a day, and held on the same or another.
CREATE TABLE training (
    id        uuid PRIMARY KEY,
    unit      text NOT NULL,
    announced date NOT NULL,
    planned   date NOT NULL,
    topics    text[] NOT NULL,
    held      date,
    taught    text[],
    CONSTRAINT training_days CHECK (planned >= announced AND held >= announced),
    CONSTRAINT training_held CHECK ((held IS NULL) = (taught IS NULL))
);
CREATE INDEX training_list ON training (unit, id);

-- Who attended a class; people are opaque ids here.
CREATE TABLE training_attendance (
    training uuid NOT NULL REFERENCES training (id),
    person   uuid NOT NULL,
    PRIMARY KEY (training, person)
);

-- Commendations (khen thưởng) of collectives and individuals, by the decision's date; nobody is named.
CREATE TABLE commendation (
    id        uuid PRIMARY KEY,
    unit      text NOT NULL,
    decided   date NOT NULL,
    symbol    text NOT NULL,
    issuer    text NOT NULL,
    recipient text NOT NULL
);
CREATE INDEX commendation_list ON commendation (unit, id);
