-- Management boards (ban quản trị): recognised by a decision, for a term; `closed` is the first day without it.
CREATE TABLE board (
    id         uuid PRIMARY KEY,
    unit       text NOT NULL,
    formed     date NOT NULL,
    symbol     text NOT NULL,
    issuer     text NOT NULL,
    elected_on date,
    term_from  date NOT NULL,
    term_to    date NOT NULL,
    closed     date,
    reason     text,
    CONSTRAINT board_days CHECK (closed > formed),
    CONSTRAINT board_term CHECK (term_to > term_from)
);
CREATE INDEX board_list ON board (unit, id);

-- The buildings a board manages; the first one leads.
CREATE TABLE board_building (
    board    uuid NOT NULL REFERENCES board (id),
    building uuid NOT NULL,
    nth      int  NOT NULL,
    PRIMARY KEY (board, building)
);
CREATE INDEX board_building_building ON board_building (building);

-- Who sits on a board; people are opaque ids here.
CREATE TABLE board_member (
    board  uuid NOT NULL REFERENCES board (id),
    person uuid NOT NULL,
    role   text NOT NULL,
    PRIMARY KEY (board, person)
);
CREATE UNIQUE INDEX board_member_head ON board_member (board) WHERE role = 'HEAD';

-- Residents' petitions (đơn thư): what they are about and how far they have come, without the petitioner.
CREATE TABLE petition (
    id       uuid PRIMARY KEY,
    unit     text NOT NULL,
    building uuid,
    kind     text NOT NULL,
    topic    text NOT NULL,
    channel  text NOT NULL,
    received date NOT NULL,
    flagged  date,
    resolved date,
    outcome  text,
    CONSTRAINT petition_days CHECK (flagged >= received AND resolved >= received)
);
CREATE INDEX petition_list ON petition (unit, id);
CREATE INDEX petition_building ON petition (building);
