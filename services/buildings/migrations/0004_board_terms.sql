-- Boards put in order: the newest decision not corrected says until when a board's term lasts.
CREATE TABLE board_consolidated (
    event   uuid PRIMARY KEY,
    board   uuid NOT NULL,
    on_day  date NOT NULL,
    term_to date NOT NULL
);
CREATE INDEX board_consolidated_board ON board_consolidated (board, on_day);

CREATE OR REPLACE VIEW board AS
SELECT f.board, f.buildings, f.on_day AS formed,
       coalesce((SELECT n.term_to FROM board_consolidated AS n
                  WHERE n.board = f.board AND NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = n.event)
                  ORDER BY n.on_day DESC, n.event DESC LIMIT 1), f.term_to) AS term_to,
       (SELECT min(c.on_day) FROM board_closed AS c
         WHERE c.board = f.board AND NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = c.event)) AS closed
  FROM board_formed AS f
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = f.event);
