"""Brings together all that a report is made of, as known at one position."""

from collections.abc import Iterable, Sequence

from services.reporting.domain.indicator import Indicator, Kind
from services.reporting.domain.known import DeclaredPeriod, Figure, Known, Period, Place
from services.reporting.store import declared, definitions, journal, period
from services.reporting.store.figures import Asking
from shared.database import Transaction


async def known(
    asking: Asking,
    lines: Sequence[str],
    unit: Place,
    days: Period,
    position: int,
    due: DeclaredPeriod | None,
) -> Known:
    """Return what lines are made of; `due` is the declared period, if these days are one."""
    needed = list(_counted(lines))
    return Known(
        unit=unit,
        wards=await asking.wards(unit.path, days.end),
        period=days,
        position=position,
        figures={one.code: await asking.figure(one, unit.path, days) for one in needed},
        registers=await asking.registers(unit.path),
        standing=await asking.standing(),
        bases={one.code: await _base(asking, one, unit.path, days) for one in needed if one.per},
        declared=due,
        declarations=await declared.declarations(asking, due.code) if due else {},
        targets=await declared.targets(asking, due.code) if due else {},
        directives=await declared.directives(asking, unit.path, days),
        conferences=await declared.conferences(asking, unit.path, days),
        acknowledged=await declared.acknowledged(asking),
    )


async def of_period(tx: Transaction, code: str) -> Known | None:
    """Return what rules look at in a declared period, or nothing before it is heard of; it counts what was declared."""
    asking, decided = Asking(tx, None), await period.period(tx, code)
    due = await declared.period(asking, decided.report, code) if decided else None
    unit = await asking.unit(due.unit.rpartition(".")[2]) if due else None
    if due is None or unit is None:
        return None
    said = await declared.declarations(asking, code)
    lines = [line for line in definitions.reports()[due.report].lines if line in said]
    return await known(asking, lines, unit, due.period, await journal.position(tx), due)


def _counted(lines: Iterable[str]) -> Iterable[Indicator]:
    """Return the indicators that lines are counted from, each once, but for restricted ones."""
    indicators = definitions.indicators()
    codes = dict.fromkeys(one for code in lines for one in (indicators[code].of or (code,)))
    return (
        indicators[code]
        for code in codes
        if indicators[code].kind is not Kind.RATIO and not indicators[code].restricted
    )


async def _base(asking: Asking, indicator: Indicator, path: str, days: Period) -> Figure:
    """Count what a line is said per thousand of, over the line's own days."""
    per = definitions.indicators()[str(indicator.per)]
    return await asking.figure(per, path, days.through(indicator.window))
