"""Is asked about coordination regulations (quy chế phối hợp) between residential groups and boards."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from services.boards.domain.regulation import EvaluateRegulation, IssueRegulation
from shared import event_log
from shared.caller import AskedOn
from shared.errors import NotFound
from shared.events import (
    CoordinationRegulationEvaluated,
    CoordinationRegulationIssued,
    CoordinationRegulationLapsed,
    Told,
)
from shared.events.boards import Finding, Pair
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, history, page

router = Router(tags=["cooperation"])


class RegulationView(BaseModel):
    """A regulation, whom it binds, and its days; `lapsed` is the first day without."""

    id: UUID
    unit: str
    issued: date
    lapsed: date | None
    pairs: list[Pair]


class Evaluation(BaseModel):
    """When a regulation was evaluated, and what came of it."""

    on: date
    finding: Finding


class RegulationPage(RegulationView):
    """A regulation with its evaluations and the events that made it."""

    evaluations: list[Evaluation]
    history: list[dict[str, Any]]


@router.command("/v1/regulations", needs="boards.write")
async def issue_regulation(asked: IssueRegulation, tx: Deciding, who: By) -> Told[CoordinationRegulationIssued]:
    """Record that heads of residential groups and boards work together by a regulation."""
    ground = await store.regulation.ground(tx, asked, who.scope)
    issued = domain.regulation.issue(ground, asked)
    await store.regulation.coordination_regulation_issued(tx, issued)
    return await event_log.append(tx, issued, by=who, asked=asked)


@router.command("/v1/regulations/{regulation_id}/evaluations", needs="boards.write")
async def evaluate_regulation(
    regulation_id: UUID, asked: EvaluateRegulation, tx: Deciding, who: By
) -> Told[CoordinationRegulationEvaluated]:
    """Record that it was looked at whether a regulation still fits."""
    regulation = await store.regulation.regulation(tx, regulation_id, who.scope)
    evaluated = domain.regulation.evaluate(regulation, asked)
    await store.regulation.coordination_regulation_evaluated(tx, evaluated)
    return await event_log.append(tx, evaluated, by=who, asked=asked)


@router.command("/v1/regulations/{regulation_id}/lapse", needs="boards.write")
async def lapse_regulation(
    regulation_id: UUID, asked: AskedOn, tx: Deciding, who: By
) -> Told[CoordinationRegulationLapsed]:
    """Record that a regulation holds no more; the day is the first without."""
    regulation = await store.regulation.regulation(tx, regulation_id, who.scope)
    lapsed = domain.regulation.lapse(regulation, asked)
    await store.regulation.coordination_regulation_lapsed(tx, lapsed)
    return await event_log.append(tx, lapsed, by=who, asked=asked)


@router.question("/v1/regulations", needs="boards.read", answers=Page[RegulationView])
async def regulations(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    group: UUID | None = None,
    board: UUID | None = None,
    living_only: Annotated[bool | None, Query(description="Leave out those that have lapsed.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[RegulationView]:
    """List the coordination regulations of your units."""
    rows = await store.regulation.regulations(
        tx, list(who.units), group, board, living_only, after(cursor, UUID), limit + 1
    )
    listed = [RegulationView(**{**row, "pairs": orjson.loads(row["pairs"])}) for row in rows]
    return page(listed, limit, "id", request, response)


@router.question("/v1/regulations/{regulation_id}", needs="boards.read", answers=RegulationPage)
async def regulation(regulation_id: UUID, tx: Reading, who: Who, response: Response) -> RegulationPage:
    """Show a regulation: whom it binds, its evaluations, its history."""
    row = await store.regulation.regulation_page(tx, regulation_id, list(who.units))
    if row is None:
        raise NotFound
    events = await history(tx, regulation_id, response)
    listed = {name: orjson.loads(row[name] or "[]") for name in ("pairs", "evaluations")}
    return RegulationPage(**{**row, **listed}, history=events)
