"""Decides for which periods reports are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from services.reporting.domain.indicator import ReportForm
from services.reporting.domain.known import DeclaredPeriod, Period
from services.reporting.domain.report import PeriodUpsideDown, ReportNotFound
from shared.caller import Asked
from shared.errors import Refused
from shared.events import PeriodDeclared, Text, UnitId
from shared.events.reporting import Code


class DeclarePeriod(Asked):
    """Ask to declare that a report is due for a period, both days inclusive."""

    report: Code
    unit: UnitId
    begin: Annotated[date, Field(alias="from", description="First day, inclusive.")]
    end: Annotated[date, Field(alias="to", description="Last day, inclusive.")]
    name: Text


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to declare a period.

    `standing` is the period of this code, `related` are those of the report whose units lie under its unit or above.
    """

    form: ReportForm | None
    unit: str | None
    standing: DeclaredPeriod | None
    related: Sequence[DeclaredPeriod]


class UnitNotHeardOf(Refused):
    """Báo cáo chưa biết đơn vị hành chính này.

    Reporting has not heard of this administrative unit yet.
    """

    retry_after = 1


class PeriodStands(Refused):
    """Kỳ đã khai báo giữ nguyên báo cáo, đơn vị và ngày; chỉ đổi được tên. Hãy khai báo kỳ khác.

    A declared period keeps its report, its unit and its days; only its name may change. Declare another one.
    """


class PeriodsOverlap(Refused):
    """Các kỳ của một báo cáo, ở cùng đơn vị hoặc cấp trên dưới, không được trùng ngày: lấy hiệu sẽ lộ ra từng người.

    Periods of a report must not overlap for a unit, or one above or under it: their difference would lead to people.
    """


class PeriodsOutOfOrder(Refused):
    """Các kỳ của một báo cáo được khai báo theo thứ tự thời gian: đã có kỳ sau ngày này.

    The periods of a report are declared in order: there is a later one already.
    """


def declare(code: str, ground: Ground, asked: DeclarePeriod, today: date) -> PeriodDeclared:
    """Decide that a report is due for a period."""
    if ground.form is None:
        raise ReportNotFound(pointer="/report")
    if asked.end < asked.begin:
        raise PeriodUpsideDown(pointer="/to")
    if ground.unit is None:
        raise UnitNotHeardOf(pointer="/unit")
    days, standing = Period(asked.begin, asked.end), ground.standing
    if standing is not None and (standing.report, standing.unit, standing.period) != (asked.report, ground.unit, days):
        raise PeriodStands
    for other in ground.related:
        if other.code != code and days.overlaps(other.period):
            raise PeriodsOverlap(pointer="/from", period=other.code, to=other.period.end.isoformat())
        if standing is None and days.end < other.period.begin:
            raise PeriodsOutOfOrder(pointer="/from", period=other.code, to=other.period.end.isoformat())
    return PeriodDeclared(
        subject=code,
        unit=ground.unit,
        on=today,
        report=asked.report,
        period_from=asked.begin,
        period_to=asked.end,
        name=asked.name,
    )
