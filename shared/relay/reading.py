"""What the relay asks of the log: in which order it is told, what is not yet confirmed, and what holds it up."""

# Rows below the oldest running transaction of the whole server are settled: none can still appear among them.
# They are numbered, and given to be sent. The cursor is asked for apart, so that the index is entered there and not at
# the beginning of a log that is kept for ever.
NUMBER = """
WITH settled AS (
    SELECT l.xid, l.pos, l.id, l.type, l.unit, l.body, row_number() OVER (ORDER BY l.xid, l.pos) AS nth
      FROM event_log AS l
     WHERE (l.xid, l.pos) > ((SELECT xid FROM relay), (SELECT pos FROM relay))
       AND l.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY l.xid, l.pos
     LIMIT $1
), numbered AS (
    INSERT INTO log_order (logseq, pos)
         SELECT r.numbered + s.nth, s.pos FROM settled AS s, relay AS r
), moved AS (
    UPDATE relay SET xid = s.xid, pos = s.pos, numbered = numbered + s.nth
      FROM (SELECT xid, pos, nth FROM settled ORDER BY nth DESC LIMIT 1) AS s
)
SELECT r.numbered + s.nth AS logseq, s.id, s.type, s.unit, s.body
  FROM settled AS s, relay AS r
 ORDER BY s.nth
"""

# What was numbered and not confirmed: what a relay before this one left behind.
UNSENT = """
SELECT o.logseq, l.id, l.type, l.unit, l.body
  FROM log_order AS o
  JOIN event_log AS l USING (pos)
 WHERE o.logseq > greatest($2, (SELECT sent FROM relay))
 ORDER BY o.logseq
 LIMIT $1
"""

# What the broker has had already, told again to one that lost it.
AGAIN = """
SELECT o.logseq, l.id, l.type, l.unit, l.body
  FROM log_order AS o
  JOIN event_log AS l USING (pos)
 WHERE o.logseq > $2 AND o.logseq <= (SELECT sent FROM relay)
 ORDER BY o.logseq
 LIMIT $1
"""

# The cursor never moves back, whoever moves it.
CONFIRM = "UPDATE relay SET sent = $1 WHERE sent < $1"

OLDEST_UNSENT = """
WITH sent AS MATERIALIZED (
    SELECT xid, pos FROM event_log
     WHERE pos = (SELECT pos FROM log_order WHERE logseq = (SELECT sent FROM relay))
)
SELECT extract(epoch FROM clock() - recorded)::float8 AS age,
       xid >= pg_snapshot_xmin(pg_current_snapshot()) AS unsettled
  FROM event_log
 WHERE (xid, pos) > (coalesce((SELECT xid FROM sent), '0'), coalesce((SELECT pos FROM sent), 0))
 ORDER BY xid, pos
 LIMIT 1
"""

# Every writer holds its own transaction id; the oldest one holds up the logs of the whole server. A transaction
# prepared for two-phase commit has no process.
HOLDING_UP = """
SELECT coalesce(pid, 0) FROM pg_locks
 WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted
 ORDER BY age(transactionid) DESC LIMIT 1
"""

# A leader asks the database something many times a second; one that was frozen, or cut off unnoticed, does not.
END_SILENT_LEADER = """
SELECT pg_terminate_backend(a.pid)
  FROM pg_locks AS l
  JOIN pg_stat_activity AS a USING (pid)
 WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1::bigint::oid AND l.objsubid = 1 AND l.granted
   AND a.datname = current_database()
   AND a.state LIKE 'idle%'
   AND a.state_change < clock_timestamp() - $2::interval
"""

RESTORED = "SELECT count(*) FROM event_log WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
