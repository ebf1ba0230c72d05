"""Remembers what somebody must be told of, and which places are told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from services.notifications.domain.notice import Holder, Known, Look, Status
from services.notifications.domain.occasion import Occasion, Rule
from shared.database import Record, Transaction, columns
from shared.events.notifications import Channel


@dataclass(frozen=True, slots=True)
class Open:
    """An open notice with what is known of it now; `unit` is where the place lies that is told."""

    id: int
    event: UUID
    rule: str
    place: str
    unit: str
    known: Known


@dataclass(frozen=True, slots=True)
class Spreading:
    """An occasion for which places are looked for that the event does not name."""

    event: UUID
    looks: int
    age: timedelta


async def occurred(tx: Transaction, occasions: Sequence[Occasion]) -> None:
    """Note occasions, a notice for each place that the event itself names, and one for each system of such a unit."""
    ordered = sorted(occasions, key=lambda one: one.event)
    await tx.execute(
        """INSERT INTO occasion (event, type, subject, unit, unit_id, on_day, told, correlation, corrects,
                                 buildings, facts, suppressed, look_at)
                SELECT e, t, s, u, i, d, m, c, r, coalesce(string_to_array(nullif(b, ''), ','), '{}')::uuid[], f, p,
                       CASE WHEN l THEN clock() END
                  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[],
                              $7::timestamptz[], $8::uuid[], $9::uuid[], $10::text[], $11::json[], $12::text[],
                              $13::boolean[])
                    AS x (e, t, s, u, i, d, m, c, r, b, f, p, l)
           ON CONFLICT (event) DO NOTHING""",
        *columns(ordered, "event", "type", "subject", "unit", "unit_id", "on_day", "told", "correlation", "corrects"),
        [",".join(map(str, one.buildings)) for one in ordered],
        [orjson.dumps(dict(one.facts)).decode() for one in ordered],
        *columns(ordered, "suppressed", "spreads"),
    )
    places = [(one, rule, place) for one in ordered for rule, place in one.notices]
    await tx.execute(
        """INSERT INTO notice (event, rule, place, status, reason, next_at)
                SELECT e, r, p, CASE WHEN s IS NULL THEN 'OPEN' ELSE 'SUPPRESSED' END, s,
                       CASE WHEN s IS NULL THEN clock() END
                  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS x (e, r, p, s)
           ON CONFLICT (event, rule, place) DO NOTHING""",
        [one.event for one, _, _ in places],
        [rule for _, rule, _ in places],
        [place for _, _, place in places],
        [one.suppressed for one, _, _ in places],
    )
    await tx.execute(
        """INSERT INTO notice (event, rule, place, holder, status, next_at)
                SELECT n.event, n.rule, s.id::text, 'ENDPOINT', 'OPEN', clock()
                  FROM notice AS n
                  JOIN endpoint AS s ON s.unit_id = n.place AND s.until_day IS NULL
                 WHERE n.event = ANY ($1) AND n.holder = 'LIAISON' AND n.status = 'OPEN'
           ON CONFLICT (event, rule, place) DO NOTHING""",
        [one.event for one in ordered],
    )


async def spreading(tx: Transaction, limit: int) -> list[Spreading]:
    """Take occasions for which places are to be looked for now."""
    rows = await tx.fetch(
        """SELECT event, looks, clock() - heard AS age
             FROM occasion
            WHERE look_at <= clock()
            ORDER BY look_at
            LIMIT $1
              FOR UPDATE SKIP LOCKED""",
        limit,
    )
    return [Spreading(**row) for row in rows]


async def spread_to_groups(tx: Transaction, events: Sequence[UUID], rules: Sequence[Rule]) -> None:
    """Open a notice for each residential group that one of the buildings belongs to on the day.

    Of what was told of a building and a group, the last by day and version holds.
    """
    await tx.execute(
        """INSERT INTO notice (event, rule, place, status, next_at)
                SELECT o.event, r.name, l.group_id::text, 'OPEN', clock()
                  FROM occasion AS o
                  JOIN unnest($2::text[], $3::text[]) AS r (type, name) ON r.type = o.type
                 CROSS JOIN LATERAL (SELECT DISTINCT ON (k.building, k.group_id) k.group_id, k.linked
                                       FROM building_link AS k
                                      WHERE k.building = ANY (o.buildings) AND k.on_day <= o.on_day
                                      ORDER BY k.building, k.group_id, k.on_day DESC, k.version DESC) AS l
                 WHERE o.event = ANY ($1) AND l.linked
                 GROUP BY o.event, r.name, l.group_id
           ON CONFLICT (event, rule, place) DO NOTHING""",
        events,
        [rule.event.type for rule in rules],
        [rule.name for rule in rules],
    )


async def spread_to_boards(tx: Transaction, events: Sequence[UUID], rules: Sequence[Rule]) -> None:
    """Open a notice for the head of each board that is in force on the day and lies within the event's unit."""
    await tx.execute(
        """INSERT INTO notice (event, rule, place, holder, status, next_at)
                SELECT o.event, r.name, b.id::text, 'HEAD', 'OPEN', clock()
                  FROM occasion AS o
                  JOIN unnest($2::text[], $3::text[]) AS r (type, name) ON r.type = o.type
                 CROSS JOIN (SELECT DISTINCT k.id FROM board AS k) AS b
                 CROSS JOIN LATERAL board_on(b.id, o.on_day) AS d
                 WHERE o.event = ANY ($1) AND in_scope(d.path, ARRAY[o.unit])
           ON CONFLICT (event, rule, place) DO NOTHING""",
        events,
        [rule.event.type for rule in rules],
        [rule.name for rule in rules],
    )


async def spread(tx: Transaction, looked: Mapping[UUID, timedelta | None]) -> None:
    """Note that places were looked for, and when to look again."""
    await tx.execute(
        """UPDATE occasion AS o
              SET looks = o.looks + 1, look_at = clock() + x.pause
             FROM unnest($1::uuid[], $2::interval[]) AS x (event, pause)
            WHERE o.event = x.event""",
        list(looked),
        list(looked.values()),
    )


async def due(tx: Transaction, limit: int) -> list[Open]:
    """Take open notices that are to be looked at now, each with what is known of it.

    The liaison of a place on a day is the last who was named for it until then. What a board's head is told names the
    buildings of the board, all else those of the event.
    """
    rows = await tx.fetch(
        """SELECT n.id, n.event, n.rule, n.place, n.holder, n.attempts, o.facts, clock() - o.heard AS age,
                  coalesce(place_path(n.holder, n.place, o.on_day), o.unit) AS unit,
                  EXISTS (SELECT FROM withdrawn AS w WHERE w.event = o.event) AS withdrawn,
                  coalesce(l.person, b.head) AS person, coalesce(c.channels, '{}') AS channels, s.id AS endpoint,
                  coalesce(s.unit_id, n.place) AS told_place,
                  (SELECT u.name FROM unit AS u WHERE u.id = o.unit_id) AS unit_name,
                  (SELECT u.name FROM unit AS u WHERE u.id = coalesce(s.unit_id, n.place)) AS place_name,
                  cardinality(coalesce(b.buildings, o.buildings)) AS buildings,
                  ARRAY(SELECT k.name FROM building AS k
                         WHERE k.id = ANY (coalesce(b.buildings, o.buildings)) ORDER BY k.name) AS building_names,
                  (SELECT g.number FROM residential_group AS g WHERE g.id::text = n.place) AS group_number
             FROM notice AS n
             JOIN occasion AS o ON o.event = n.event
             LEFT JOIN LATERAL (SELECT k.person FROM liaison AS k
                                 WHERE n.holder = 'LIAISON' AND k.place = n.place AND k.on_day <= o.on_day
                                 ORDER BY k.on_day DESC, k.version DESC LIMIT 1) AS l ON true
             LEFT JOIN LATERAL board_on(CASE n.holder WHEN 'HEAD' THEN n.place::uuid END, o.on_day) AS b ON true
             LEFT JOIN endpoint AS s
               ON s.id = CASE n.holder WHEN 'ENDPOINT' THEN n.place::uuid END AND s.until_day IS NULL
             LEFT JOIN contact AS c ON c.person = coalesce(l.person, b.head)
            WHERE n.next_at <= clock()
            ORDER BY n.next_at
            LIMIT $1
              FOR UPDATE OF n SKIP LOCKED""",
        limit,
    )
    return [_open(row) for row in rows]


async def looked(tx: Transaction, looks: Sequence[tuple[int, Look]]) -> None:
    """Note what looking at notices came to."""
    await tx.execute(
        """UPDATE notice AS n
              SET status = x.status, reason = x.reason, attempts = n.attempts + 1, next_at = clock() + x.pause
             FROM unnest($1::bigint[], $2::text[], $3::text[], $4::interval[]) AS x (id, status, reason, pause)
            WHERE n.id = x.id""",
        [notice for notice, _ in looks],
        *columns([look for _, look in looks], "status", "reason", "pause"),
    )


async def notices(
    tx: Transaction, scope: list[str], status: Status | None, before: int | None, limit: int
) -> list[Record]:
    """Return the notices of a scope, latest first."""
    return await tx.fetch(
        """SELECT n.id, n.event, o.type, o.subject, o.unit, o.on_day, o.heard, n.rule, n.place, n.holder,
                  n.status, n.reason, n.attempts, n.next_at
             FROM notice AS n
             JOIN occasion AS o ON o.event = n.event
            WHERE (concerns_scope(o.unit, o.buildings, $1) OR in_scope(place_path(n.holder, n.place, o.on_day), $1))
              AND ($2::text IS NULL OR n.status = $2)
              AND ($3::bigint IS NULL OR n.id < $3)
            ORDER BY n.id DESC
            LIMIT $4""",
        scope,
        status,
        before,
        limit,
    )


def _open(row: Record) -> Open:
    facts: dict[str, Any] = orjson.loads(row["facts"])
    return Open(
        row["id"],
        row["event"],
        row["rule"],
        row["place"],
        row["unit"],
        Known(
            withdrawn=row["withdrawn"],
            holder=Holder(row["holder"]),
            place=row["told_place"],
            person=row["person"],
            channels=tuple(map(Channel, row["channels"])),
            endpoint=row["endpoint"],
            unit_name=row["unit_name"],
            place_name=row["place_name"],
            building_names=tuple(row["building_names"]),
            buildings=row["buildings"],
            group_number=row["group_number"],
            facts=facts,
            attempts=row["attempts"],
            age=row["age"],
        ),
    )
