-- What boards told: one row per event, so that no order of arrival can harm; what holds on a day is asked, not kept.
CREATE TABLE board_formed (
    event     uuid PRIMARY KEY,
    board     uuid NOT NULL,
    buildings uuid[] NOT NULL,
    on_day    date NOT NULL,
    term_to   date NOT NULL
);
CREATE INDEX board_formed_building ON board_formed USING gin (buildings);

CREATE TABLE board_closed (
    event  uuid PRIMARY KEY,
    board  uuid NOT NULL,
    on_day date NOT NULL
);
CREATE INDEX board_closed_board ON board_closed (board);

-- The boards that stand on each day, corrected events left out.
CREATE VIEW board AS
SELECT f.board, f.buildings, f.on_day AS formed, f.term_to,
       (SELECT min(c.on_day) FROM board_closed AS c
         WHERE c.board = f.board AND NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = c.event)) AS closed
  FROM board_formed AS f
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = f.event);
