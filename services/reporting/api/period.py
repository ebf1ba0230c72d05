"""Is asked for which periods reports are due."""

from datetime import date
from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.reporting import domain, store
from services.reporting.domain.period import DeclarePeriod
from shared import event_log
from shared.events import PeriodDeclared, Told
from shared.events.reporting import Code
from shared.http import By, Cursor, Deciding, Limit, Page, Reading, Router, Who, after, page

router = Router(tags=["periods"])


class PeriodView(BaseModel):
    """A period for which a report is due, both days inclusive."""

    model_config = ConfigDict(populate_by_name=True)

    code: str
    report: str
    unit: str
    name: str
    begin: Annotated[date, Field(alias="from")]
    end: Annotated[date, Field(alias="to")]


@router.command("/v1/periods/{code}", needs="periods.write", method="PUT")
async def declare_period(
    code: Annotated[Code, Path(description="Code of the period, such as long-bien-2022.")],
    asked: DeclarePeriod,
    tx: Deciding,
    who: By,
) -> Told[PeriodDeclared]:
    """Declare that a report is due for a period; asked again, it may be given another name."""
    ground = await store.period.ground(tx, code, asked)
    declared = domain.period.declare(code, ground, asked, who.today)
    await store.period.period_declared(tx, declared)
    return await event_log.append(tx, declared, by=who, asked=asked)


@router.question("/v1/periods", needs="reports.read", answers=Page[PeriodView])
async def periods(
    tx: Reading,
    who: Who,
    request: Request,
    response: Response,
    report: Code | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[PeriodView]:
    """List the periods for which reports of your units are due."""
    rows = await store.period.periods(tx, list(who.units), report, after(cursor, str), limit + 1)
    return page([PeriodView(**row) for row in rows], limit, "code", request, response)
