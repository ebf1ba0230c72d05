"""Tells how far the registers behind a line were kept and confirmed: without them a zero is not known."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.reporting.domain.indicator import Indicator
from services.reporting.domain.known import Kept, Known, Period, Place
from shared.events import Register

Coverage = dict[str, Any]
"""How many wards confirmed, of how many, and which did not with the registers they lack."""


def wards(indicator: Indicator, known: Known) -> list[Place]:
    """Return the wards that a line is about."""
    return [one for one in known.wards if indicator.within in (None, one.id)]


def coverage(indicator: Indicator, known: Known) -> Coverage:
    """Count the wards that kept every needed register through the line's days and confirmed it to their end."""
    days, about = known.period.through(indicator.window), wards(indicator, known)
    missing = [
        {"unit": ward.id, "registers": lacking}
        for ward in about
        if (lacking := [one for one in indicator.registers if not _covered(known.registers.get((ward.id, one)), days)])
    ]
    return {"confirmed": len(about) - len(missing), "of": len(about), "missing": missing}


def of_one(covered: Coverage, ward: str) -> Coverage:
    """Return the coverage of one ward's part."""
    lacks = any(one["unit"] == ward for one in covered["missing"])
    return {"confirmed": 0 if lacks else 1, "of": 1}


def joined(one: Coverage, other: Coverage) -> Coverage:
    """Return the coverage of what needs both."""
    lacking: dict[str, list[Register]] = {}
    for gap in [*one["missing"], *other["missing"]]:
        lacking[gap["unit"]] = sorted({*lacking.get(gap["unit"], []), *gap["registers"]})
    missing = [{"unit": unit, "registers": registers} for unit, registers in sorted(lacking.items())]
    return {"confirmed": one["of"] - len(missing), "of": one["of"], "missing": missing}


def is_full(covered: Mapping[str, Any]) -> bool:
    """Tell whether there are wards, and every register was kept and confirmed."""
    return bool(covered["confirmed"] == covered["of"] > 0)


def unless_unknown(value: int, covered: Mapping[str, Any]) -> int | None:
    """Return a number, or nothing for a zero that is not known."""
    return None if value == 0 and not is_full(covered) else value


def unconfirmed(lines: Sequence[Mapping[str, Any]], known: Known) -> list[dict[str, Any]]:
    """Return the wards that did not confirm what the lines need, with the registers they lack."""
    lacking: dict[str, set[Register]] = {}
    for gap in (one for line in lines for one in line["coverage"]["missing"]):
        lacking.setdefault(gap["unit"], set()).update(gap["registers"])
    return [
        {"unit": ward.id, "name": ward.name, "registers": sorted(lacking[ward.id])}
        for ward in known.wards
        if ward.id in lacking
    ]


def _covered(kept: Kept | None, days: Period) -> bool:
    return kept is not None and kept.opened <= days.begin and kept.through is not None and kept.through >= days.end
