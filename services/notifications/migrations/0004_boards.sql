-- Management boards, as others told of them: who heads them, for how long, and where. One row per event; corrected
-- events are left out by the views.

-- First recognition: the buildings, the leading one first, and the unit that the decision named.
CREATE TABLE board_formed (
    event     uuid PRIMARY KEY,
    board     uuid NOT NULL,
    version   int  NOT NULL,
    path      text NOT NULL,
    buildings uuid[] NOT NULL
);
CREATE INDEX board_formed_board ON board_formed (board, version);

-- Who heads the board from a day, and through which day its term runs: told when it was formed, and again when it was
-- put in order (kiện toàn). Nobody where the head is null.
CREATE TABLE board_seated (
    event   uuid PRIMARY KEY,
    board   uuid NOT NULL,
    version int  NOT NULL,
    on_day  date NOT NULL,
    term_to date NOT NULL,
    head    uuid
);
CREATE INDEX board_seated_board ON board_seated (board, on_day, version);

-- That somebody left a board: the day is the first without.
CREATE TABLE board_member_ended (
    event   uuid PRIMARY KEY,
    board   uuid NOT NULL,
    version int  NOT NULL,
    on_day  date NOT NULL,
    person  uuid NOT NULL
);
CREATE INDEX board_member_ended_board ON board_member_ended (board, person);

-- That a board ended the day before.
CREATE TABLE board_closed (
    event  uuid PRIMARY KEY,
    board  uuid NOT NULL,
    on_day date NOT NULL
);
CREATE INDEX board_closed_board ON board_closed (board);

CREATE VIEW board AS
SELECT board AS id, version, path, buildings FROM board_formed AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW board_seat AS
SELECT board, version, on_day, term_to, head FROM board_seated AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW board_departure AS
SELECT board, version, on_day, person FROM board_member_ended AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

CREATE VIEW board_end AS
SELECT board, on_day FROM board_closed AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);

-- A board as it is on a day: the ward in which its leading building lies, its buildings, and its head, null where nobody
-- is. No row where it is not in force: not recognised yet, its term over, or closed.
CREATE FUNCTION board_on(board uuid, day date) RETURNS TABLE (path text, buildings uuid[], head uuid)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(p.path, o.path), o.buildings,
           CASE WHEN NOT EXISTS (SELECT FROM board_departure AS d
                                  WHERE d.board = o.id AND d.person = s.head AND d.on_day <= board_on.day
                                    AND (d.on_day, d.version) > (s.on_day, s.version)) THEN s.head END
      FROM board AS o
     CROSS JOIN LATERAL (SELECT k.head, k.term_to, k.on_day, k.version FROM board_seat AS k
                          WHERE k.board = o.id AND k.on_day <= board_on.day
                          ORDER BY k.on_day DESC, k.version DESC LIMIT 1) AS s
      LEFT JOIN LATERAL (SELECT k.path FROM building_place AS k
                          WHERE k.building = o.buildings[1] AND k.on_day <= board_on.day
                          ORDER BY k.on_day DESC, k.version DESC LIMIT 1) AS p ON true
     WHERE o.id = board_on.board AND board_on.day <= s.term_to
       AND NOT EXISTS (SELECT FROM board_end AS e WHERE e.board = o.id AND e.on_day <= board_on.day)
     ORDER BY o.version DESC
     LIMIT 1
$$;

-- Who of the place is told: the liaison of a unit or group, the head of a board, or a system, which is its own place.
ALTER TABLE notice
    ADD COLUMN holder text NOT NULL DEFAULT 'LIAISON'
        CONSTRAINT notice_holder CHECK (holder IN ('LIAISON', 'HEAD', 'ENDPOINT'));
