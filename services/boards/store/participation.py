"""Remembers which restricted facts have been told, and finds out which ones hold."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from services.boards.domain import participation as domain
from services.boards.domain.participation import Participation, Period, Standing
from services.boards.domain.person import Person
from services.boards.store import board
from services.boards.store.vault import owner, profiles_of_all
from shared import event_log
from shared.caller import HANOI
from shared.database import Transaction, columns
from shared.events import Circumstances, ParticipationRecorded
from shared.events.base import RestrictedEvent
from shared.events.boards import Category, Stage
from shared.seal import Seal

SLICE = 500
"""Facts told in one transaction: none writes for long, and what is left is told by the next."""
NOBODY = "boards"
"""The actor of restricted facts: who recorded a tie is nobody's business who counts them."""
_ORDER = random.SystemRandom()


async def periods(tx: Transaction) -> list[Period]:
    """Return the report periods that were declared."""
    rows = await tx.fetch("SELECT period, unit, period_from, period_to FROM report_period ORDER BY period_from, period")
    return [Period(row["period"], row["unit"], row["period_from"], row["period_to"]) for row in rows]


async def participants(tx: Transaction, seal: Seal, wrapped_key: bytes, person_id: UUID) -> tuple[str, ...]:
    """Return every name that a person can have had in restricted facts."""
    return tuple(_named(seal, wrapped_key, person_id, stage, period) for period in await periods(tx) for stage in Stage)


async def wanted(tx: Transaction, seal: Seal, asked: Sequence[Period], today: date) -> dict[str, Participation]:
    """Find out which participations hold, in each of these periods, by participant.

    Of a period that is not over, who serves today is taken. It is asked after `told` has locked the telling.
    """
    sealed = await profiles_of_all(tx, seal)
    profiles = {person: profile for person, (_, profile) in sealed.items()}
    wards = {row["unit_id"]: row["path"] for row in await tx.fetch("SELECT unit_id, path FROM unit")}
    found: dict[str, Participation] = {}
    for period in asked:
        on = min(period.end, today)
        standing = domain.serving(period, on, await board.serving(tx, on), profiles)
        standing += domain.introduced(period, profiles, wards)
        found |= {_participant(seal, sealed[one.person][0], one): _said(one) for one in standing}
    return found


async def told(tx: Transaction) -> dict[str, Participation]:
    """Lock what has been told and load it, by participant; in the restricted part."""
    await event_log.lock(tx, "telling")
    rows = await tx.fetch(
        "SELECT participant, unit, stage, categories, period_from, period_to, erased FROM participation"
    )
    return {
        row["participant"]: Participation(
            row["unit"],
            Stage(row["stage"]),
            tuple(map(Category, row["categories"])),
            row["period_from"],
            row["period_to"],
            row["erased"],
        )
        for row in rows
    }


async def forgotten(tx: Transaction, person: Person | None) -> None:
    """Let it be told, with the others, that the person behind these names was erased; in the restricted part.

    The other part of the transaction has locked `telling`.
    """
    names = list(person.participants) if person else []
    await tx.execute("UPDATE participation SET erased = true WHERE participant = ANY ($1)", names)


async def tell(tx: Transaction, facts: Sequence[RestrictedEvent], now: datetime) -> int:
    """Tell restricted facts in an order that says nothing, and return how many; in the restricted part.

    Each has an id and a correlation of its own, and the time is no more than the day.
    """
    shuffled = list(facts)
    _ORDER.shuffle(shuffled)
    del shuffled[SLICE:]
    day = datetime.combine(now.astimezone(HANOI).date(), time(), UTC)
    await event_log.lock(tx, *(fact.subject for fact in shuffled))
    for fact in shuffled:
        given = Circumstances(id=uuid4(), time=day, actor=NOBODY, correlation=uuid4())
        await event_log.append_found(tx, fact, given)
    await _noted(tx, shuffled)
    return len(shuffled)


async def position(tx: Transaction) -> int:
    """Return how many restricted facts there are: it says how far a reader must have come, and joins nothing."""
    return int(await tx.value("SELECT count(*) FROM event_log"))


async def last_day(tx: Transaction) -> date | None:
    """Return the day on which it was last looked whether there is something to tell; in the restricted part."""
    day: date | None = await tx.value("SELECT day FROM telling")
    return day


async def looked(tx: Transaction, today: date) -> None:
    """Note that everything was told that was to be told by today; in the restricted part."""
    await tx.execute(
        """INSERT INTO telling (day) VALUES ($1)
           ON CONFLICT (one) DO UPDATE SET day = greatest(telling.day, excluded.day)""",
        today,
    )


async def _noted(tx: Transaction, facts: Sequence[RestrictedEvent]) -> None:
    recorded = [fact for fact in facts if isinstance(fact, ParticipationRecorded)]
    await tx.execute(
        """INSERT INTO participation (participant, unit, stage, categories, period_from, period_to)
                SELECT p, u, s, string_to_array(c, ','), f, t
                  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[])
                    AS x (p, u, s, c, f, t)
           ON CONFLICT (participant) DO UPDATE
                   SET unit = excluded.unit, stage = excluded.stage, categories = excluded.categories,
                       period_from = excluded.period_from, period_to = excluded.period_to, erased = false""",
        *columns(recorded, "subject", "unit", "stage"),
        [",".join(fact.categories) for fact in recorded],
        *columns(recorded, "period_from", "period_to"),
    )
    gone = [fact.subject for fact in facts if not isinstance(fact, ParticipationRecorded)]
    await tx.execute("DELETE FROM participation WHERE participant = ANY ($1)", gone)


def _participant(seal: Seal, wrapped_key: bytes, one: Standing) -> str:
    return _named(seal, wrapped_key, one.person, one.stage, one.period)


def _named(seal: Seal, wrapped_key: bytes, person: UUID, stage: Stage, period: Period) -> str:
    """Name somebody: the same within one period and stage, another in any other, so that nothing adds up by joining."""
    return seal.pseudonym(wrapped_key, owner(person), f"{stage}:{period.code}")


def _said(one: Standing) -> Participation:
    return Participation(one.ward, one.stage, one.categories, one.period.begin, one.period.end)
