-- Boards over time. Consolidations (kiện toàn): each says the members from its day on, and the term, the present one
-- or a new one.
CREATE TABLE board_consolidation (
    board     uuid NOT NULL REFERENCES board (id),
    on_day    date NOT NULL,
    symbol    text NOT NULL,
    issuer    text NOT NULL,
    term_from date NOT NULL,
    term_to   date NOT NULL,
    PRIMARY KEY (board, on_day),
    CONSTRAINT board_consolidation_term CHECK (term_from <= on_day AND on_day <= term_to)
);

-- Reviews (rà soát) that left a board as it was.
CREATE TABLE board_review (
    board  uuid NOT NULL REFERENCES board (id),
    on_day date NOT NULL,
    PRIMARY KEY (board, on_day)
);

-- The terms of a board: the first as it was recognised, and those of its consolidations.
CREATE VIEW board_term AS
SELECT id AS board, term_from, term_to FROM board
 UNION
SELECT board, term_from, term_to FROM board_consolidation;

-- Whether a board is in force on a day: recognised by then, not closed, its term not ended.
CREATE FUNCTION in_force(board uuid, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM board AS o JOIN board_term AS t ON t.board = o.id
                    WHERE o.id = in_force.board AND o.formed <= in_force.day
                      AND (o.closed IS NULL OR in_force.day < o.closed)
                      AND t.term_from <= in_force.day AND in_force.day <= t.term_to)
$$;

-- Seats have their days: from a day until, exclusively, another. Another role is another row.
ALTER TABLE board_member ADD COLUMN from_day date, ADD COLUMN until_day date;
UPDATE board_member AS m SET from_day = o.formed FROM board AS o WHERE o.id = m.board;
ALTER TABLE board_member
    ALTER COLUMN from_day SET NOT NULL,
    DROP CONSTRAINT board_member_pkey,
    ADD PRIMARY KEY (board, person, from_day),
    ADD CONSTRAINT board_member_days CHECK (until_day > from_day);
DROP INDEX board_member_head;
CREATE UNIQUE INDEX board_member_head ON board_member (board) WHERE role = 'HEAD' AND until_day IS NULL;
CREATE UNIQUE INDEX board_member_seat ON board_member (board, person) WHERE until_day IS NULL;

-- What the buildings service told of residential groups (tổ dân phố): one row per event.
CREATE TABLE residential_group_formed (
    event    uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    on_day   date NOT NULL,
    unit     text NOT NULL
);
CREATE INDEX residential_group_formed_group ON residential_group_formed (group_id);

CREATE TABLE residential_group_dissolved (
    event    uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    on_day   date NOT NULL
);
CREATE INDEX residential_group_dissolved_group ON residential_group_dissolved (group_id);

-- Residential groups with their days, corrected events left out.
CREATE VIEW residential_group AS
SELECT f.group_id, f.unit, f.on_day AS formed,
       (SELECT min(d.on_day) FROM residential_group_dissolved AS d
         WHERE d.group_id = f.group_id AND NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = d.event)) AS dissolved
  FROM residential_group_formed AS f
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = f.event);

-- For which residential groups a party cell (chi bộ) answers, from a day until, exclusively, another.
CREATE TABLE cell_link (
    cell      uuid NOT NULL,
    group_id  uuid NOT NULL,
    unit      text NOT NULL,
    from_day  date NOT NULL,
    until_day date,
    PRIMARY KEY (cell, group_id, from_day),
    CONSTRAINT cell_link_days CHECK (until_day > from_day)
);
CREATE INDEX cell_link_list ON cell_link (unit, cell);
CREATE INDEX cell_link_group ON cell_link (group_id);

-- The bodies of a residential group: its head, its committee and associations; one of a kind at a time.
CREATE TABLE group_body (
    id          uuid PRIMARY KEY,
    unit        text NOT NULL,
    group_id    uuid NOT NULL,
    body        text NOT NULL,
    established date NOT NULL,
    ended       date,
    CONSTRAINT group_body_days CHECK (ended > established)
);
CREATE UNIQUE INDEX group_body_living ON group_body (group_id, body) WHERE ended IS NULL;
CREATE INDEX group_body_list ON group_body (unit, id);

-- When a committee member was in charge of a ward; who that is is not kept here.
CREATE TABLE supervision (
    id       uuid PRIMARY KEY,
    unit     text NOT NULL,
    assigned date NOT NULL,
    ended    date,
    CONSTRAINT supervision_days CHECK (ended > assigned)
);
CREATE INDEX supervision_list ON supervision (unit, id);

-- Coordination regulations (quy chế phối hợp) between residential groups and boards; `lapsed` is the first day without.
CREATE TABLE regulation (
    id     uuid PRIMARY KEY,
    unit   text NOT NULL,
    issued date NOT NULL,
    lapsed date,
    CONSTRAINT regulation_days CHECK (lapsed > issued)
);
CREATE INDEX regulation_list ON regulation (unit, id);

-- Who works together by a regulation; in the ward of the first pair's group it is kept.
CREATE TABLE regulation_pair (
    regulation uuid NOT NULL REFERENCES regulation (id),
    group_id   uuid NOT NULL,
    board      uuid NOT NULL REFERENCES board (id),
    nth        int  NOT NULL,
    PRIMARY KEY (regulation, group_id, board)
);
CREATE INDEX regulation_pair_board ON regulation_pair (board);
CREATE INDEX regulation_pair_group ON regulation_pair (group_id);

-- When it was looked at whether a regulation still fits, and what came of it.
CREATE TABLE regulation_evaluation (
    regulation uuid NOT NULL REFERENCES regulation (id),
    on_day     date NOT NULL,
    finding    text NOT NULL,
    PRIMARY KEY (regulation, on_day)
);

-- Tasks that a residential group and a board both claim.
CREATE TABLE overlap (
    id       uuid PRIMARY KEY,
    unit     text NOT NULL,
    group_id uuid NOT NULL,
    board    uuid NOT NULL REFERENCES board (id),
    topic    text NOT NULL,
    raised   date NOT NULL,
    resolved date,
    CONSTRAINT overlap_days CHECK (resolved >= raised)
);
CREATE INDEX overlap_list ON overlap (unit, id);
CREATE INDEX overlap_board ON overlap (board);
CREATE INDEX overlap_group ON overlap (group_id);

-- Conflicts among people of a building, or of a ward where no building is named; without the people.
CREATE TABLE conflict (
    id         uuid PRIMARY KEY,
    unit       text NOT NULL,
    building   uuid,
    topic      text NOT NULL,
    parties    text NOT NULL,
    recorded   date NOT NULL,
    settled    date,
    settled_by text,
    CONSTRAINT conflict_days CHECK (settled >= recorded)
);
CREATE INDEX conflict_list ON conflict (unit, id);
CREATE INDEX conflict_building ON conflict (building);
