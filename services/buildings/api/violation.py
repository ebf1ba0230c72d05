"""Is asked about violations in buildings."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.buildings import domain, store
from services.buildings.domain.violation import DecideViolation, RecordViolation
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import Told, ViolationDecided, ViolationRecorded, ViolationRemedied
from shared.events.buildings import ViolationCode
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["violations"])


class ViolationView(BaseModel):
    """A violation and how far it has come; `symbol` and `issuer` are those of the decision."""

    id: UUID
    unit: str
    building: UUID
    inspection: UUID | None
    code: ViolationCode
    recorded: date
    decided: date | None
    symbol: str | None
    issuer: str | None
    remedied: date | None


class ViolationPage(ViolationView):
    """A violation with the events that made it."""

    history: list[dict[str, Any]]


@router.command("/v1/violations", needs="inspections.write")
async def record_violation(asked: RecordViolation, tx: Deciding, who: By) -> Told[ViolationRecorded]:
    """Record that a violation was put on record."""
    exists, building, inspected = await store.violation.ground(tx, asked, who.scope)
    recorded = domain.violation.record(exists=exists, building=building, inspected=inspected, asked=asked)
    await store.violation.violation_recorded(tx, recorded)
    return await event_log.append(tx, recorded, by=who, asked=asked)


@router.command("/v1/violations/{violation_id}/decision", needs="inspections.write")
async def decide_violation(violation_id: UUID, asked: DecideViolation, tx: Deciding, who: By) -> Told[ViolationDecided]:
    """Record what the authority decided."""
    violation = await store.violation.violation(tx, violation_id, asked.decision.date, who.scope)
    decided = domain.violation.decide(violation, asked)
    await store.violation.violation_decided(tx, decided)
    return await event_log.append(tx, decided, by=who, asked=asked.on_its_paper())


@router.command("/v1/violations/{violation_id}/remedy", needs="inspections.write")
async def remedy_violation(violation_id: UUID, asked: AskedOn, tx: Deciding, who: By) -> Told[ViolationRemedied]:
    """Record that what a violation had done was put right."""
    violation = await store.violation.violation(tx, violation_id, asked.on, who.scope)
    remedied = domain.violation.remedy(violation, asked.on)
    await store.violation.violation_remedied(tx, remedied)
    return await event_log.append(tx, remedied, by=who, asked=asked)


@router.question("/v1/violations", needs="buildings.read", answers=Page[ViolationView])
async def violations(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    building: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ViolationView]:
    """List the violations in buildings of your units."""
    rows = await store.violation.violations(tx, list(who.units), building, after(cursor, UUID), limit + 1)
    return page([ViolationView(**row) for row in rows], limit, "id", request, response)


@router.question("/v1/violations/{violation_id}", needs="buildings.read", answers=ViolationPage)
async def violation(violation_id: UUID, tx: Reading, who: Who, response: Response) -> ViolationPage:
    """Show a violation: what was decided, when it was put right, history."""
    row = await store.violation.violation_page(tx, violation_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, violation_id, response)
    return ViolationPage(**row, history=events)
