"""Puts a report together from what is known: its lines, and what does not fit in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.reporting.domain import rules
from services.reporting.domain.coverage import unconfirmed
from services.reporting.domain.export import for_export
from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Indicator, ReportForm
from services.reporting.domain.known import DeclaredPeriod, Known, Line, Period, Place, Withheld
from services.reporting.domain.line import line
from shared.errors import Refused


class ReportNotFound(Refused):
    """Không có báo cáo hoặc chỉ tiêu này.

    There is no such report or line.
    """

    status = 404


class UnitNotFound(Refused):
    """Không có đơn vị này.

    There is no such unit.
    """

    status = 404


class PeriodUpsideDown(Refused):
    """Ngày cuối kỳ phải không trước ngày đầu kỳ.

    The period ends before it begins.
    """

    status = 422


class NameThePeriod(Refused):
    """Nêu mã kỳ báo cáo (period), hoặc đơn vị và hai ngày (unit, from, to); không nêu cả hai.

    Name a declared period (period), or else a unit and two days (unit, from, to); not both.
    """

    status = 422


class PeriodNotDeclared(Refused):
    """Chưa có kỳ báo cáo này.

    There is no such declared period of this report.
    """

    status = 404


class Superseded(Refused):
    """Định nghĩa số liệu vừa được thay; tiến trình này đang nhường chỗ, hãy thử lại sau giây lát.

    The definitions of figures were just replaced; this process is making room, try again in a moment.
    """

    status = 503
    retry_after = 5


class NotKnownYet(Refused):
    """Báo cáo chưa đi đến vị trí này.

    Reporting has not come to this position yet.
    """

    status = 422


class RestrictedLine(Refused):
    """Chỉ tiêu này thuộc diện hạn chế: chỉ người có quyền mới xem được, cho cả đơn vị và kỳ báo cáo đã khai báo.

    This line is restricted: it is shown to those permitted, for a declared period and its whole unit.
    """

    status = 403


def report(
    form: ReportForm, indicators: Mapping[str, Indicator], known: Known, *, definitions: str, synthetic: bool
) -> dict[str, Any]:
    """Return a report as it is shown; `definitions` names the edition of the indicators.

    Whoever may not see restricted lines sees of what was declared of them only what may be passed on.
    """
    lines, issues = with_issues(form, form.lines, indicators, known)
    told = {
        "report": form.code,
        "name": form.name.model_dump(),
        "unit": place(known.unit),
        "period": period(known.period, known.declared),
        "synthetic": synthetic,
        "as_of": {"position": known.position, "definitions": definitions},
        "lines": lines,
        "issues": issues,
        "unconfirmed": unconfirmed(lines, known),
    }
    return for_export(told) if known.withheld is Withheld.PERMISSION else told


def told(form: ReportForm, indicators: Mapping[str, Indicator], known: Known) -> list[Finding]:
    """Return what does not fit in a declared period and is to be told; restricted figures are not even looked at."""
    lines = [line(indicators[code], indicators, known) for code in form.lines if code in known.declarations]
    return [one for one in rules.findings(form, indicators, known, lines) if one.told]


def with_issues(
    form: ReportForm, codes: Sequence[str], indicators: Mapping[str, Indicator], known: Known
) -> tuple[list[Line], list[dict[str, Any]]]:
    """Return lines, each with the issues that touch it, and all issues."""
    lines = [line(indicators[code], indicators, known) for code in codes]
    found = rules.findings(form, indicators, known, lines)
    issues = [one.described(known.acknowledged.get(str(one.id))) for one in found]
    issues += [
        one.described(known.acknowledged.get(one.id)) for one in known.standing if set(one.lines) & set(form.lines)
    ]
    issues.sort(key=lambda issue: issue["rule"])
    for one in lines:
        parts = {one["code"], *indicators[one["code"]].of}
        one["issues"] = [issue for issue in issues if parts & set(issue["lines"])]
    return lines, issues


def place(unit: Place) -> dict[str, str]:
    """Return a unit as a report names it."""
    return {"id": unit.id, "path": unit.path, "name": unit.name}


def period(days: Period, declared: DeclaredPeriod | None) -> dict[str, Any]:
    """Return a period as a report names it: with its code when it was declared, its days with and without one end."""
    return {
        "code": declared and declared.code,
        "name": declared and declared.name,
        "from": days.begin,
        "to": days.end,
        "days": days.days,
        "days_apart": days.days - 1,
    }
