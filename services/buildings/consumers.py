"""Hears who manages a building, and enters the official units when the service starts."""

import csv
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from uuid import uuid4

from services.buildings import domain, store
from shared import event_log
from shared.consumers import Consumers, Work
from shared.database import Transaction
from shared.events import BoardClosed, BoardConsolidated, BoardFormed, Circumstances, Document, Told
from shared.events.buildings import Succession, Successor, UnitKind
from shared.uuids import uuid7

consumers = Consumers("buildings")


@consumers.on(BoardFormed)
async def board_formed(events: Sequence[Told[BoardFormed]], tx: Transaction) -> None:
    """A building's page names its board."""
    await store.heard.board_formed(tx, events)


@consumers.on(BoardConsolidated)
async def board_consolidated(events: Sequence[Told[BoardConsolidated]], tx: Transaction) -> None:
    """A building's page says until when its board's term lasts."""
    await store.heard.board_consolidated(tx, events)


@consumers.on(BoardClosed)
async def board_closed(events: Sequence[Told[BoardClosed]], tx: Transaction) -> None:
    """A building's page says when its board ended."""
    await store.heard.board_closed(tx, events)


@consumers.at_start
async def official_units(work: Work) -> None:
    """Enter the official units that are missing, parents first, and close those that ended."""
    units, ends = _table("administrative_units"), _table("successions")
    async with work.database.transaction() as tx:
        missing = await store.unit.missing(tx, [row["unit_id"] for row in units])
        to_close = await store.unit.still_open(tx, sorted({row["unit_id"] for row in ends} - missing)) | (
            missing & {row["unit_id"] for row in ends}
        )
    for row in units:
        if row["unit_id"] in missing:
            await _establish(work, row)
    for unit_id in sorted(to_close):
        await _close(work, [row for row in ends if row["unit_id"] == unit_id])


async def _establish(work: Work, row: dict[str, str]) -> None:
    async with work.database.transaction() as tx:
        known, parent = await store.unit.ground(tx, row["unit_id"], row["parent"] or None)
        if known is not None:
            return
        event = domain.unit.establish(
            known=known,
            parent=parent,
            unit_id=row["unit_id"],
            on=date.fromisoformat(row["recorded_from"]),
            name=row["name"],
            kind=UnitKind(row["kind"]),
            official_code=row["official_code"],
            parent_id=row["parent"] or None,
            since=date.fromisoformat(row["since"]) if row["since"] else None,
        )
        await store.unit.unit_established(tx, event)
        await event_log.append_found(tx, event, _entered(work, row))


async def _close(work: Work, rows: list[dict[str, str]]) -> None:
    successors = tuple(
        Successor(unit_id=r["successor"], kind=Succession(r["kind"]), whole=r["whole"] == "yes") for r in rows
    )
    async with work.database.transaction() as tx:
        unit, missing = await store.unit.to_close(tx, rows[0]["unit_id"], [one.unit_id for one in successors])
        if unit is None or unit.closed is not None:
            return
        event = domain.unit.close(unit, missing, successors, date.fromisoformat(rows[0]["on"]))
        await store.unit.unit_closed(tx, event)
        await event_log.append_found(tx, event, _entered(work, rows[0]))


def _entered(work: Work, row: dict[str, str]) -> Circumstances:
    document = (
        Document(symbol=row["symbol"], date=date.fromisoformat(row["date"]), issuer=row["issuer"])
        if row["symbol"]
        else None
    )
    return Circumstances(id=uuid7(), time=work.now(), actor="service:buildings", correlation=uuid4(), document=document)


def _table(name: str) -> list[dict[str, str]]:
    text = files("services.buildings").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
