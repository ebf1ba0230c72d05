"""Reads the books of an installation: logs, inboxes, state, figures, queues and letters, each where it is kept."""

import asyncio
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import httpx

from ops.services import SERVICES
from tests.chaos.ledger import Books, Delivery, Logged
from tests.chaos.load import WARD
from tests.e2e.system import System

FIGURES_WITHIN = 12.0
UNKNOWN = -1
"""What a queue holds of which the broker, just started, has no figures yet."""
LEAVES: dict[str, dict[str, frozenset[str]]] = {
    "buildings": {
        "board_formed": frozenset({"boards.board_formed.v1"}),
        "board_consolidated": frozenset({"boards.board_consolidated.v1"}),
        "board_closed": frozenset({"boards.board_closed.v1"}),
    },
    "boards": {
        "unit_established": frozenset({"buildings.unit_established.v1"}),
        "unit_closed": frozenset({"buildings.unit_closed.v1"}),
        "building_registered": frozenset({"buildings.building_registered.v1"}),
        "building_assigned_to_unit": frozenset({"buildings.building_assigned_to_unit.v1"}),
        "residential_group_formed": frozenset({"buildings.residential_group_formed.v1"}),
        "residential_group_dissolved": frozenset({"buildings.residential_group_dissolved.v1"}),
        "period_declared": frozenset({"reporting.period_declared.v1"}),
    },
    "notifications": {
        "unit_established": frozenset({"buildings.unit_established.v1"}),
        "liaison_named": frozenset({"buildings.liaison_named.v1"}),
        "residential_group_formed": frozenset({"buildings.residential_group_formed.v1"}),
        "building_registered": frozenset({"buildings.building_registered.v1"}),
        "building_placed": frozenset({"buildings.building_registered.v1", "buildings.building_assigned_to_unit.v1"}),
        "building_linked": frozenset(
            {
                "buildings.building_linked_to_residential_group.v1",
                "buildings.building_unlinked_from_residential_group.v1",
            }
        ),
        "board_formed": frozenset({"boards.board_formed.v1"}),
        "board_seated": frozenset({"boards.board_formed.v1", "boards.board_consolidated.v1"}),
        "board_member_ended": frozenset({"boards.board_member_ended.v1"}),
        "board_closed": frozenset({"boards.board_closed.v1"}),
        "person_erased": frozenset({"boards.person_erased.v1"}),
        "occasion": frozenset(
            {
                "boards.petition_filed.v1",
                "boards.board_formed.v1",
                "boards.directive_issued.v1",
                "boards.training_announced.v1",
                "reporting.data_quality_issue_raised.v1",
            }
        ),
    },
}
"""Which table of a reader has a row for which event. Of the report that is asked otherwise: `chungcu verify`."""

_LOG = """SELECT l.id::text, l.type, l.subject, l.version, o.logseq
            FROM event_log AS l LEFT JOIN log_order AS o USING (pos)"""
_UNDECIDED = "SELECT id::text FROM notice WHERE status = 'OPEN' AND place = $1"
_DELIVERIES = """SELECT id::text, event::text, coalesce(person, endpoint)::text AS to, channel, status FROM delivery
                  WHERE place = $1"""

# What a thing is, beside what its events add up to in the order of their versions.
_UNLIKE = {
    "boards": (
        """
        WITH told AS (
            SELECT subject, split_part(type, '.', 2) AS word, body ->> 'occurredon' AS on_day, body -> 'data' AS data
              FROM event_log WHERE type LIKE 'boards.petition\\_%'
        ), is_said AS (
            SELECT subject, max(on_day) FILTER (WHERE word = 'petition_filed') AS received,
                   max(on_day) FILTER (WHERE word = 'petition_flagged_complex') AS flagged,
                   max(on_day) FILTER (WHERE word = 'petition_resolved') AS resolved,
                   max(data ->> 'outcome') FILTER (WHERE word = 'petition_resolved') AS outcome
              FROM told GROUP BY subject
        )
        SELECT 'petition ' || coalesce(s.subject, p.id::text) FROM is_said AS s FULL JOIN petition AS p ON p.id::text = s.subject
         WHERE (s.received, s.flagged, s.resolved, s.outcome)
               IS DISTINCT FROM (p.received::text, p.flagged::text, p.resolved::text, p.outcome)""",
        """
        WITH is_said AS (
            SELECT subject, body ->> 'occurredon' AS formed, body -> 'data' ->> 'term_to' AS term_to,
                   json_array_length(body -> 'data' -> 'members') AS members
              FROM event_log WHERE type = 'boards.board_formed.v1'
        )
        SELECT 'board ' || coalesce(s.subject, b.id::text) FROM is_said AS s FULL JOIN board AS b ON b.id::text = s.subject
         WHERE (s.formed, s.term_to, s.members)
               IS DISTINCT FROM (b.formed::text, b.term_to::text,
                                 (SELECT count(*)::int FROM board_member AS m WHERE m.board = b.id))""",
        """
        WITH is_said AS (
            SELECT subject, body ->> 'occurredon' AS on_day FROM event_log WHERE type = 'boards.board_reviewed.v1'
        )
        SELECT 'review of board ' || coalesce(s.subject, r.board::text)
          FROM is_said AS s FULL JOIN board_review AS r ON r.board::text = s.subject AND r.on_day::text = s.on_day
         WHERE s.subject IS NULL OR r.board IS NULL""",
    ),
    "buildings": (
        """
        WITH told AS (
            SELECT subject, split_part(type, '.', 2) AS word, body ->> 'occurredon' AS on_day
              FROM event_log WHERE type LIKE 'buildings.building\\_%'
        ), is_said AS (
            SELECT subject, max(on_day) FILTER (WHERE word = 'building_registered') AS registered,
                   max(on_day) FILTER (WHERE word = 'building_put_in_use') AS in_use
              FROM told GROUP BY subject
        )
        SELECT 'building ' || coalesce(s.subject, b.id::text) FROM is_said AS s FULL JOIN building AS b ON b.id::text = s.subject
         WHERE (s.registered, s.in_use)
               IS DISTINCT FROM (b.registered::text,
                                 (SELECT max(u.from_day)::text FROM building_use AS u WHERE u.building = b.id))""",
    ),
}
_SUM = re.compile(r"sum differs.*should_be: (-?\d+), is: (-?\d+)")


async def read(system: System, letters: Sequence[str], cursors_back: Iterable[str]) -> Books:
    """Read everything, as it lies now."""
    books = Books(
        leaves=LEAVES,
        announces=frozenset({"boards.petition_filed.v1", "boards.board_formed.v1"}),
        channels=("INBOX", "EMAIL"),
        letters=list(letters),
        cursors_back=list(cursors_back),
    )
    for service in SERVICES:
        connection = await asyncpg.connect(system.database(service), server_settings={"application_name": "chaos"})
        try:
            await _of_service(books, service, connection)
        finally:
            await connection.close()
    everything = frozenset(row.type for log in books.log.values() for row in log)
    for reader, declared in SERVICES.items():
        heard = frozenset(event.type for event in declared.consumers.hears)
        books.must_hear[reader] = everything if declared.consumers.patterns == ("#",) else heard
    books.queued = await _drained(system)
    await asyncio.to_thread(_verify, system, books)
    return books


async def _of_service(books: Books, service: str, connection: Any) -> None:
    books.log[service] = [Logged(**row) for row in await connection.fetch(_LOG)]
    books.sent[service] = await connection.fetchval("SELECT sent FROM relay")
    books.heard[service] = await _texts(connection, "SELECT event::text FROM inbox")
    books.parked[service] = set(await _texts(connection, "SELECT id::text FROM parked"))
    books.state[service] = {
        table: await _texts(connection, f"SELECT event::text FROM {table}") for table in LEAVES.get(service, {})
    }
    for question in _UNLIKE.get(service, ()):
        books.unlike += await _texts(connection, question)
    if service == "notifications":
        books.undecided = [row["id"] for row in await connection.fetch(_UNDECIDED, WARD)]
        books.deliveries = [Delivery(**row) for row in await connection.fetch(_DELIVERIES, WARD)]
    if service == "reporting":
        books.holes = await _texts(connection, "SELECT source || ' no. ' || logseq FROM hole")


async def _texts(connection: Any, question: str) -> list[str]:
    return [row[0] for row in await connection.fetch(question)]


async def _drained(system: System) -> dict[str, int]:
    """Return what is left in the queues, once the broker had time to count: its figures are some seconds old."""
    until = time.monotonic() + FIGURES_WITHIN
    while any((found := await queued(system)).values()) and time.monotonic() < until:
        await asyncio.sleep(0.5)
    return found


async def queued(system: System) -> dict[str, int]:
    """Return what lies in each of the installation's queues, by the broker's own figures."""
    port = int(system.broker.rpartition(":")[2].strip("/")) + 3
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.get(
            f"http://127.0.0.1:{port}/api/queues", params={"columns": "name,messages"}, auth=("guest", "guest")
        )
    answer.raise_for_status()
    # What nobody is bound for is no reader's: its queue is bounded and looked at by people.
    return {
        one["name"]: one.get("messages", UNKNOWN)
        for one in answer.json()
        if one["name"].startswith(system.bus("")) and not one["name"].endswith(".unheard")
    }


def _verify(system: System, books: Books) -> None:
    """Compare the report with its journal by the shipped command."""
    done = system.chungcu("verify", "reporting", check=False)
    if done.returncode == 0:
        return
    for line in done.stdout.splitlines():
        differing = _SUM.search(line)
        if "entry missing" in line or (differing and int(differing[1]) > int(differing[2])):
            books.missing_figures.append(line)
        elif "fault:" in line:
            books.surplus_figures.append(line)
    if not (books.missing_figures or books.surplus_figures):
        books.missing_figures.append(
            f"chungcu verify ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}"
        )
