"""What an operator does to parked events, in whatever part of a service they lie; what is tried is waited for."""

import asyncio
import getpass
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from ops import inside
from ops.console import Fault
from ops.parked.sight import Found, plain
from shared.consumers import operating
from shared.consumers.operating import SHORTEST_REASON, By
from shared.database import Database, Record, Transaction

T = TypeVar("T")
PATIENCE = 10.0
"""Seconds without any progress after which a service is no longer waited for."""
REFUSALS = (
    operating.NoLongerParked,
    operating.ChangedMeanwhile,
    operating.ParkedAlready,
    operating.NotDropped,
)
LONGEST_NAME = 100


@dataclass(frozen=True)
class Tried:
    """What came of trying: how many were applied, how many failed again, how many nobody has tried yet."""

    applied: int
    failed: int
    untried: int

    @property
    def all(self) -> int:
        """Return how many there were."""
        return self.applied + self.failed + self.untried


def by(reason: str | None, *, needed: bool = False) -> By:
    """Return who acts, CHUNGCU_OPERATOR or the login name, and why."""
    why = " ".join((reason or "").split()) or None
    if needed and why is None:
        raise Fault("Phải nêu lý do, được lưu lại · A reason is needed, and kept", '--reason "…"')
    if why is not None and len(why) < SHORTEST_REASON:
        raise Fault(f"Lý do quá ngắn · The reason is too short: {len(why)} < {SHORTEST_REASON}")
    try:
        name = os.environ.get("CHUNGCU_OPERATOR") or getpass.getuser()
    except (KeyError, OSError):
        raise Fault("Không biết bạn là ai · It is not known who you are", "CHUNGCU_OPERATOR=…") from None
    return By(plain(name.strip())[:LONGEST_NAME], plain(why) if why else None)


def purpose(parts: Iterable[str], given: str | None) -> By | None:
    """Return who looks and for what, where one of the parts is restricted; other bodies are open to operators."""
    if not any(part.endswith(inside.RESTRICTED) for part in parts):
        return None
    if not given:
        raise Fault(
            "Phần hạn chế: phải nêu mục đích xem, được lưu · Restricted: to look needs a purpose, which is kept",
            '--purpose "…"',
        )
    return by(given)


async def within(part: str, act: Callable[[Transaction], Awaitable[T]]) -> T:
    """Do something in one transaction on a part's database; what cannot be done is said in words."""
    async with inside.database(part) as database, database.transaction() as tx:
        try:
            return await act(tx)
        except REFUSALS as refusal:
            raise Fault(str(refusal), "chungcu parked list · audit") from None


async def every(parts: Iterable[str], act: Callable[[Transaction], Awaitable[Sequence[Record]]]) -> list[Found]:
    """Return rows from each part, with the part's name."""
    return [(part, row) for part in parts for row in await within(part, act)]


async def parked(service: str | None) -> list[Found]:
    """Return everything that is parked, in one part or in all."""
    return await every(inside.known(service), operating.parked)


async def chosen(service: str | None, event: UUID | None, fingerprint: str | None) -> list[Found]:
    """Return the parked events that somebody means: one, or all of a fault."""
    if (event is None) == (fingerprint is None):
        raise Fault("Nêu một sự kiện hoặc --fingerprint · Name one event, or --fingerprint", "chungcu parked list")
    found = [
        (part, row)
        for part, row in await parked(service)
        if (row["id"] == event if event else row["fingerprint"] == fingerprint)
    ]
    if not found:
        raise Fault(
            "Không có sự kiện nào như vậy đang gác lại · There is no such parked event",
            f"chungcu parked audit {event}" if event else "chungcu parked list",
        )
    return found


def only(parts: Sequence[str]) -> str:
    """Return the one part an event lies in; where there are several, somebody must say which."""
    if len(parts) > 1:
        raise Fault("Nhiều dịch vụ có sự kiện này · Several services have it", f"--service {' | '.join(parts)}")
    return parts[0]


def by_part(found: Iterable[Found]) -> dict[str, list[UUID]]:
    """Return the ids of events, by the parts they lie in."""
    parts: dict[str, list[UUID]] = defaultdict(list)
    for part, row in found:
        parts[part].append(row["id"])
    return parts


async def retry(found: Iterable[Found], who: By) -> Tried:
    """Let the services try again, and wait for what comes of it."""
    outcomes = []
    for part, events in by_part(found).items():
        async with inside.database(part) as database:
            async with database.transaction() as tx:
                due = await operating.retried(tx, events, who)
            came = await _await(database, due)
            # What was applied before its turn came is applied.
            outcomes.append(Tried(came.applied + len(events) - len(due), came.failed, came.untried))
    return Tried(*(sum(getattr(one, name) for one in outcomes) for name in ("applied", "failed", "untried")))


async def edit(part: str, event: UUID, before: bytes, after: bytes, who: By, *, keep: bool) -> Tried | None:
    """Store an edited body, and unless it is only to be kept wait for what comes of trying it."""
    due = await within(part, lambda tx: operating.edited(tx, event, before, after, who, keep=keep))
    if keep:
        return None
    async with inside.database(part) as database:
        return await _await(database, due)


async def drop(found: Iterable[Found], who: By) -> list[tuple[str, UUID]]:
    """Remove events; those that were applied meanwhile are not among those returned."""
    gone = []
    for part, events in by_part(found).items():

        async def act(tx: Transaction, events: Sequence[UUID] = events) -> list[UUID]:
            return await operating.dropped(tx, events, who)

        gone += [(part, one) for one in await within(part, act)]
    return gone


async def look(found: Iterable[Found], who: By | None, *, column: str = "id") -> None:
    """Note that somebody looks into the bodies of restricted events."""
    parts: dict[str, set[UUID]] = defaultdict(set)
    for part, row in found:
        if part.endswith(inside.RESTRICTED):
            parts[part].add(row[column])
    for part, events in parts.items():
        assert who is not None, "a restricted body is looked at for a purpose"

        async def act(tx: Transaction, events: set[UUID] = events) -> None:
            await operating.looked(tx, sorted(events), who)

        await within(part, act)


async def _await(database: Database, due: Mapping[UUID, int]) -> Tried:
    """Wait until each has been tried once more, for as long as any progress is made."""
    waiting, failed = dict(due), 0
    until = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < until:
        await asyncio.sleep(0.2)
        async with database.transaction() as tx:
            now = await operating.tries(tx, list(waiting))
        again = {one for one, attempts in waiting.items() if now.get(one, 0) > attempts}
        left = {one: attempts for one, attempts in waiting.items() if one in now and one not in again}
        failed += len(again)
        if len(left) < len(waiting):
            until = time.monotonic() + PATIENCE
        waiting = left
    return Tried(len(due) - failed - len(waiting), failed, len(waiting))
