"""What a report is asked for, and all that is known of it."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from services.reporting import domain, store
from services.reporting.domain.indicator import Indicator, ReportForm
from services.reporting.domain.known import DeclaredPeriod, Known, Period, Place, Withheld
from services.reporting.domain.report import (
    NameThePeriod,
    NotKnownYet,
    PeriodNotDeclared,
    PeriodUpsideDown,
    ReportNotFound,
    Superseded,
    UnitNotFound,
)
from services.reporting.store.figures import Asking
from services.reporting.store.restricted import Apart
from shared.auth import Identity
from shared.database import Transaction
from shared.errors import NotYetHere
from shared.events import UnitId
from shared.events.reporting import Code
from shared.http.asking import PATIENCE


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is asked for: a declared period, or else a unit and its days; now, or as it was known."""

    period: str | None
    place: tuple[str, Period] | None
    as_of: int | None


async def wanted(
    period: Annotated[Code | None, Query(description="Code of a declared period; then no unit and no days.")] = None,
    unit: Annotated[UnitId | None, Query(description="Id of the unit, e.g. Q004.")] = None,
    begin: Annotated[date | None, Query(alias="from", description="First day, inclusive.")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day, inclusive.")] = None,
    as_of: Annotated[
        int | None, Query(ge=0, description="Answer as was known at this position of an earlier answer.")
    ] = None,
) -> Wanted:
    """Read what is asked for."""
    if period is not None and (unit, begin, end) == (None, None, None):
        return Wanted(period, None, as_of)
    if period is not None or unit is None or begin is None or end is None:
        raise NameThePeriod(pointer="/period")
    if end < begin:
        raise PeriodUpsideDown(pointer="/to")
    return Wanted(None, (unit, Period(begin, end)), as_of)


Asks = Annotated[Wanted, Depends(wanted)]


async def apart(
    request: Request,
    min_restricted_position: Annotated[
        int, Query(ge=0, description="Wait for restricted facts: the Chungcu-Restricted-Position of an answer.")
    ] = 0,
) -> Apart:
    """Return the restricted part, once its facts have come as far as is asked."""
    settings = request.app.state.settings
    part = Apart(request.app.state.restricted, settings.participation, settings.gap_after)
    if not min_restricted_position:
        return part
    for _ in range(int(PATIENCE / 0.05)):
        async with part.database.transaction(snapshot=True) as tx:
            if await store.restricted.position(tx) >= min_restricted_position:
                return part
        await asyncio.sleep(0.05)
    raise NotYetHere(min_restricted_position=min_restricted_position)


RestrictedPart = Annotated[Apart, Depends(apart)]


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked for, found: the unit and the days, the position of the answer, and whether they were declared.

    `withheld` says why restricted lines are not answered; else `restricted` is the position of restricted facts.
    """

    form: ReportForm
    unit: Place
    period: Period
    position: int
    as_of: int | None
    declared: DeclaredPeriod | None
    apart: Apart
    withheld: Withheld | None
    restricted: int

    @property
    def etag(self) -> str:
        """Return what names the answer: how far the facts go, and which of them the caller may see."""
        seen = self.withheld or self.restricted
        return f"{self.position}-{seen}-{store.definitions.edition()}"


def indicators() -> dict[str, Indicator]:
    """Return every indicator, by its code."""
    return store.definitions.indicators()


def form(code: str) -> ReportForm:
    """Return a report's form."""
    known = store.definitions.reports().get(code)
    if known is None:
        raise ReportNotFound(pointer="/code", reports=sorted(store.definitions.reports()))
    return known


async def find(tx: Transaction, code: str, asked: Wanted, who: Identity, apart: Apart) -> Found:
    """Find what is asked for, within the caller's scope."""
    report, position = form(code), await store.edition.position(tx)
    if position is None:
        raise Superseded
    if asked.as_of is not None and asked.as_of > position:
        raise NotKnownYet(pointer="/as_of", position=position)
    asking = Asking(tx, asked.as_of)
    declared = await store.declared.period(asking, code, asked.period) if asked.period else None
    if asked.place is not None:
        unit_id, days = asked.place
    elif declared is not None:
        unit_id, days = declared.unit.rpartition(".")[2], declared.period
    else:
        raise PeriodNotDeclared(pointer="/period")
    unit = await asking.unit(unit_id)
    if unit is None:
        raise UnitNotFound(pointer="/unit")
    who.must_cover(unit.path)
    declared = declared or await store.declared.period_of(asking, code, unit.path, days)
    withheld = domain.restricted.withheld(
        kept=apart.kept,
        permitted="reports.participation" in who.permissions,
        earlier=asked.as_of is not None,
        declared=declared is not None,
        within_declared=declared is None and await _within_declared(asking, code, unit.path, days),
    )
    async with apart.database.transaction(snapshot=True) as restricted:
        come = await store.restricted.position(restricted)
        missing = await store.restricted.incomplete(restricted, apart.gap_after)
        if withheld is None and not await store.restricted.told(restricted, unit.path, days):
            withheld = Withheld.NOT_TOLD
    return Found(
        report,
        unit,
        days,
        position if asked.as_of is None else asked.as_of,
        asked.as_of,
        declared,
        apart,
        withheld or (Withheld.INCOMPLETE if missing else None),
        come,
    )


async def known(tx: Transaction, found: Found, lines: Sequence[str]) -> Known:
    """Return all that lines are made of; restricted ones from their own part of the database, or withheld."""
    told = await store.known.known(
        Asking(tx, found.as_of), lines, found.unit, found.period, found.position, found.declared
    )
    if found.withheld is not None:
        return replace(told, withheld=found.withheld)
    asked = [indicators()[code] for code in lines if indicators()[code].restricted]
    async with found.apart.database.transaction(snapshot=True) as restricted:
        counted = await store.restricted.figures(restricted, asked, found.unit.path, found.period)
    return replace(
        told,
        withheld=None,
        figures={**told.figures, **{code: one.figure for code, one in counted.items()}},
        erased={code: one.erased for code, one in counted.items()},
    )


async def _within_declared(asking: Asking, code: str, path: str, days: Period) -> bool:
    """Tell whether a unit above has a declared period of these days."""
    above = [path[: at.start()] for at in re.finditer(r"\.", path)]
    return any([await store.declared.period_of(asking, code, unit, days) for unit in above])
