"""Decides what was declared of a line in a period, and what it should come to."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.reporting.domain.indicator import Form, Indicator, Kind
from services.reporting.domain.known import SMALL, DeclaredPeriod
from services.reporting.domain.report import PeriodNotDeclared
from shared.caller import Asked
from shared.errors import Refused
from shared.events import FigureDeclared, TargetSet, Text
from shared.events.reporting import Claim, Code

LARGEST = 1_000_000_000

Count = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]


class DeclareFigure(Asked):
    """Ask to declare what a line is, or what a paper claims of it; under the same id it replaces what was declared."""

    figure_id: UUID
    period: Code
    line: Code
    value: Count | None = None
    denominator: Annotated[int, Field(ge=1, le=LARGEST)] | None = None
    claim: Claim | None = None
    baseline: Annotated[Text | None, Field(description="What a claimed change is measured against.")] = None
    note: Text | None = None


class SetTarget(Asked):
    """Ask to set what a line should come to; under the same id it replaces the target."""

    target_id: UUID
    period: Code
    line: Code
    value: Count


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to declare something of a line.

    `of_id` is the period and line that this id was used for, `of_line` the id that was used for this period and line.
    """

    period: DeclaredPeriod | None
    line: Indicator | None
    of_id: tuple[str, str] | None
    of_line: UUID | None


class LineNotInReport(Refused):
    """Báo cáo của kỳ này không có chỉ tiêu này.

    The report of this period has no such line.
    """

    status = 422


class IdOfAnotherLine(Refused):
    """Mã này đã dùng cho chỉ tiêu hoặc kỳ khác.

    This id was used for another line or period.
    """


class LineDeclaredAlready(Refused):
    """Chỉ tiêu này trong kỳ đã được khai báo; muốn thay số, hãy dùng lại mã đã khai báo.

    This line of the period is declared already; to replace it, use the id it was declared under.
    """


class NothingDeclared(Refused):
    """Nêu một con số, hoặc một nhận định (claim).

    Name a value or a claim.
    """

    status = 422


class BelowZero(Refused):
    """Số đếm không thể âm.

    A count cannot be below zero.
    """

    status = 422


class NeedsDenominator(Refused):
    """Tỷ lệ phải kèm mẫu số: khai báo tử số (value) và mẫu số (denominator).

    A ratio is said with its denominator: declare the numerator (value) and the denominator.
    """

    status = 422


class HasNoDenominator(Refused):
    """Chỉ tiêu này là số đếm, không có mẫu số.

    This line is a count and has no denominator.
    """

    status = 422


def declare(ground: Ground, asked: DeclareFigure, today: date) -> FigureDeclared:
    """Decide what was declared of a line."""
    period, line = _line(ground, asked.figure_id, asked.period, asked.line)
    if asked.value is None and asked.claim is None:
        raise NothingDeclared(pointer="/value")
    is_share = line.kind is Kind.RATIO and line.form is not Form.CHANGE
    if asked.value is not None and asked.value < 0 and line.form is not Form.CHANGE:
        raise BelowZero(pointer="/value")
    if is_share and asked.value is not None and asked.denominator is None:
        raise NeedsDenominator(pointer="/denominator")
    if asked.denominator is not None and (not is_share or asked.value is None):
        raise HasNoDenominator(pointer="/denominator")
    return FigureDeclared(
        subject=str(asked.figure_id),
        unit=period.unit,
        on=today,
        period=period.code,
        line=line.code,
        value=asked.value,
        denominator=asked.denominator,
        claim=asked.claim,
        baseline=asked.baseline,
        note=asked.note,
    )


def aim(ground: Ground, asked: SetTarget, today: date) -> TargetSet:
    """Decide what a line should come to."""
    period, line = _line(ground, asked.target_id, asked.period, asked.line)
    return TargetSet(
        subject=str(asked.target_id),
        unit=period.unit,
        on=today,
        period=period.code,
        line=line.code,
        value=asked.value,
    )


def _line(ground: Ground, thing: UUID, period: str, line: str) -> tuple[DeclaredPeriod, Indicator]:
    """Return the period and the line, unless either is not there or is spoken for."""
    if ground.period is None:
        raise PeriodNotDeclared(pointer="/period")
    if ground.line is None:
        raise LineNotInReport(pointer="/line")
    if ground.of_id not in (None, (period, line)):
        raise IdOfAnotherLine
    if ground.of_line not in (None, thing):
        raise LineDeclaredAlready(pointer="/line", declared_under=str(ground.of_line))
    return ground.period, ground.line


def shown(value: int | None, line: Indicator | None, *, permitted: bool) -> int | None:
    """Return a declared figure as somebody may see it: of restricted lines no small one without the permission."""
    small = value is not None and value < SMALL
    return None if small and line is not None and line.restricted and not permitted else value
