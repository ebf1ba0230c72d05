"""Is asked what was declared of lines in a period, and what they should come to."""

from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from services.reporting import domain, store
from services.reporting.domain.figure import DeclareFigure, SetTarget
from shared import event_log
from shared.events import FigureDeclared, TargetSet, Told
from shared.events.reporting import Claim, Code
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, page

router = Router(tags=["figures"])


class FigureView(BaseModel):
    """What was declared of a line."""

    id: UUID
    period: str
    line: str
    value: int | None
    denominator: int | None
    claim: Claim | None
    baseline: str | None
    note: str | None


class TargetView(BaseModel):
    """What a line should come to."""

    id: UUID
    period: str
    line: str
    value: int


@router.command("/v1/figures", needs="figures.write")
async def declare_figure(asked: DeclareFigure, tx: Deciding, who: By) -> Told[FigureDeclared]:
    """Declare what a line is, or what a paper claims of it; under the same id it replaces what was declared."""
    ground = await store.figure.figure_ground(tx, asked, who.scope)
    declared = domain.figure.declare(ground, asked, who.today)
    await store.figure.figure_declared(tx, declared)
    return await event_log.append(tx, declared, by=who, asked=asked)


@router.command("/v1/targets", needs="figures.write")
async def set_target(asked: SetTarget, tx: Deciding, who: By) -> Told[TargetSet]:
    """Set what a line should come to in a period; under the same id it moves the target."""
    ground = await store.figure.target_ground(tx, asked, who.scope)
    aimed = domain.figure.aim(ground, asked, who.today)
    await store.figure.target_set(tx, aimed)
    return await event_log.append(tx, aimed, by=who, asked=asked)


@router.question("/v1/figures", needs="reports.read", answers=Page[FigureView])
async def figures(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    period: Code | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[FigureView]:
    """List what was declared for periods of your units; small restricted figures need `reports.participation`."""
    rows = await store.figure.figures(tx, list(who.units), period, after(cursor, UUID), limit + 1)
    permitted, lines = "reports.participation" in who.permissions, store.definitions.indicators()
    seen = [
        FigureView(**{**row, "value": domain.figure.shown(row["value"], lines.get(row["line"]), permitted=permitted)})
        for row in rows
    ]
    return page(seen, limit, "id", request, response)


@router.question("/v1/targets", needs="reports.read", answers=Page[TargetView])
async def targets(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    period: Code | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[TargetView]:
    """List the targets for periods of your units."""
    rows = await store.figure.targets(tx, list(who.units), period, after(cursor, UUID), limit + 1)
    return page([TargetView(**row) for row in rows], limit, "id", request, response)
