"""Decides whether restricted lines are answered: only so that no two answers can be subtracted."""

from services.reporting.domain.known import Withheld


def withheld(*, kept: bool, permitted: bool, earlier: bool, declared: bool, within_declared: bool) -> Withheld | None:
    """Return why political participation is not shown, or nothing when it may be.

    It is shown for a declared period and the whole unit that the period is for, as it is known now: two answers for
    days, wards or moments that differ a little could be subtracted, and the difference might be one person.
    `declared` tells whether unit and days are those of a declared period, `within_declared` whether the unit is a part
    of one with these days.
    """
    if not kept:
        return Withheld.OFF
    if not permitted:
        return Withheld.PERMISSION
    if earlier:
        return Withheld.EARLIER
    if within_declared:
        return Withheld.UNIT
    return None if declared else Withheld.PERIOD
