"""What a report is asked for, and all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from services.reporting import store
from services.reporting.domain.indicator import Indicator, ReportForm
from services.reporting.domain.known import DeclaredPeriod, Known, Period, Place
from services.reporting.domain.report import (
    NameThePeriod,
    NotKnownYet,
    PeriodNotDeclared,
    PeriodUpsideDown,
    ReportNotFound,
    UnitNotFound,
)
from services.reporting.store.figures import Asking
from shared.auth import Identity
from shared.database import Transaction
from shared.events import UnitId
from shared.events.reporting import Code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is asked for: a declared period, or else a unit and its days; now, or as it was known."""

    period: str | None
    place: tuple[str, Period] | None
    as_of: int | None


def wanted(
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


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked for, found: the unit and the days, the position of the answer, and whether they were declared."""

    form: ReportForm
    unit: Place
    period: Period
    position: int
    as_of: int | None
    declared: DeclaredPeriod | None


def indicators() -> dict[str, Indicator]:
    """Return every indicator, by its code."""
    return store.definitions.indicators()


def form(code: str) -> ReportForm:
    """Return a report's form."""
    known = store.definitions.reports().get(code)
    if known is None:
        raise ReportNotFound(pointer="/code", reports=sorted(store.definitions.reports()))
    return known


async def find(tx: Transaction, code: str, asked: Wanted, who: Identity) -> Found:
    """Find what is asked for, within the caller's scope."""
    report, position = form(code), await store.journal.position(tx)
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
    return Found(report, unit, days, position if asked.as_of is None else asked.as_of, asked.as_of, declared)


async def known(tx: Transaction, found: Found, lines: Sequence[str]) -> Known:
    """Return all that lines are made of, but for restricted ones, which are withheld."""
    return await store.known.known(
        Asking(tx, found.as_of), lines, found.unit, found.period, found.position, found.declared
    )
