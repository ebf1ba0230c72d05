"""Puts a report together from figures: values and their parts, coverage, and what does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.reporting.domain.indicator import Form, Indicator, Kind
from services.reporting.domain.issue import Standing
from shared.errors import Refused
from shared.events import Register


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


class NotKnownYet(Refused):
    """Báo cáo chưa đi đến vị trí này.

    Reporting has not come to this position yet.
    """

    status = 422


@dataclass(frozen=True, slots=True)
class Period:
    """A period of days, both inclusive."""

    begin: date
    end: date

    @property
    def days(self) -> int:
        """Return how many days it has, both ends counted."""
        return (self.end - self.begin).days + 1


@dataclass(frozen=True, slots=True)
class Place:
    """A unit under the asked one, as known: its id, path and name."""

    id: str
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one register of one unit: since when it is kept, and through when it is confirmed."""

    opened: date
    through: date | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What was counted for one line: each ward's part, and the whole, which for distinct lines is no sum."""

    whole: int
    parts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """All a report is made of, as of one position of the journal."""

    unit: Place
    wards: Sequence[Place]
    period: Period
    position: int
    figures: Mapping[str, Figure]
    registers: Mapping[tuple[str, Register], Kept]
    standing: Sequence[Standing]


def line(indicator: Indicator, indicators: Mapping[str, Indicator], known: Known) -> dict[str, Any]:
    """Return one line of a report: numbers with what they are made of, or null where a zero is not known."""
    if indicator.kind is Kind.RATIO:
        return _ratio(indicator, indicators, known)
    coverage = _coverage(indicator.registers, known)
    figure = known.figures[indicator.code]
    value = _unless_unknown(figure.whole, coverage)
    parts = [
        {
            "key": ward.id,
            "name": ward.name,
            "category": None,
            "declared": None,
            "computed": _unless_unknown(figure.parts.get(ward.id, 0), _of_one(coverage, ward.id)),
        }
        for ward in known.wards
    ]
    # A flow may lie in a ward that has ended since; its part is shown all the same.
    parts += [
        {"key": key, "name": key, "category": None, "declared": None, "computed": count}
        for key, count in sorted(figure.parts.items())
        if key not in {ward.id for ward in known.wards}
    ]
    return {
        **_head(indicator),
        "declared": None,
        "computed": value,
        "numerator": value,
        "denominator": None,
        "display": "—" if value is None else str(value),
        "coverage": coverage,
        "overlap": sum(figure.parts.values()) - figure.whole,
        "parts": parts,
        "issues": _issues(indicator, coverage, figure.whole, known),
    }


def _ratio(indicator: Indicator, indicators: Mapping[str, Indicator], known: Known) -> dict[str, Any]:
    upper, lower = (line(indicators[code], indicators, known) for code in indicator.of)
    above, below = upper["computed"], lower["computed"]
    coverage = _joined(upper["coverage"], lower["coverage"])
    computed, display = _said(indicator.form, above, below)
    lower_parts = {part["key"]: part for part in lower["parts"]}
    return {
        **_head(indicator),
        "declared": None,
        "computed": computed,
        "numerator": above,
        "denominator": below,
        "display": display,
        "coverage": coverage,
        "overlap": 0,
        "parts": [
            {
                **part,
                "computed": _said(indicator.form, part["computed"], lower_parts[part["key"]]["computed"])[0],
                "numerator": part["computed"],
                "denominator": lower_parts[part["key"]]["computed"],
            }
            for part in upper["parts"]
            if part["key"] in lower_parts
        ],
        "issues": _unique([*upper["issues"], *lower["issues"]]),
    }


def _said(form: Form | None, above: int | None, below: int | None) -> tuple[int | float | None, str]:
    if above is None or below is None:
        return None, "—"
    if below == 0:
        return None, f"— ({above}/{below})"
    if form is Form.OF:
        return above, f"{above}/{below}"
    percent = (Decimal(100) * above / below).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return float(percent), f"{percent} % ({above}/{below})".replace(".", ",")


def _head(indicator: Indicator) -> dict[str, Any]:
    return {
        "code": indicator.code,
        "name": indicator.name.model_dump(),
        "kind": indicator.kind,
        "counted": indicator.counted.model_dump(),
        "definition": {**indicator.definition.model_dump(), "version": indicator.version},
    }


def _coverage(needed: Sequence[Register], known: Known) -> dict[str, Any]:
    """Count the wards that kept every needed register through the period and confirmed it to the end."""
    missing = [
        {"unit": ward.id, "registers": lacking}
        for ward in known.wards
        if (lacking := [one for one in needed if not _covered(known.registers.get((ward.id, one)), known.period)])
    ]
    return {"confirmed": len(known.wards) - len(missing), "of": len(known.wards), "missing": missing}


def _covered(kept: Kept | None, period: Period) -> bool:
    return kept is not None and kept.opened <= period.begin and kept.through is not None and kept.through >= period.end


def _of_one(coverage: Mapping[str, Any], ward: str) -> dict[str, Any]:
    lacks = any(one["unit"] == ward for one in coverage["missing"])
    return {"confirmed": 0 if lacks else 1, "of": 1}


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    lacking: dict[str, list[Register]] = {}
    for gap in [*one["missing"], *other["missing"]]:
        lacking[gap["unit"]] = sorted({*lacking.get(gap["unit"], []), *gap["registers"]})
    missing = [{"unit": unit, "registers": registers} for unit, registers in sorted(lacking.items())]
    return {"confirmed": one["of"] - len(missing), "of": one["of"], "missing": missing}


def _unless_unknown(value: int, coverage: Mapping[str, Any]) -> int | None:
    """A zero is only known where there are wards, and every register was kept and confirmed."""
    unknown = coverage["confirmed"] < coverage["of"] or coverage["of"] == 0
    return None if value == 0 and unknown else value


def _issues(indicator: Indicator, coverage: Mapping[str, Any], value: int, known: Known) -> list[dict[str, Any]]:
    found = []
    if indicator.kind is Kind.FLOW and indicator.base is None:
        found.append(
            _issue(
                "DQ-06",
                "WARN",
                "Thiếu mẫu số: chưa nêu tổng số để so sánh.",
                "The figure has no denominator to be seen against.",
            )
        )
    if coverage["of"] == 0:
        found.append(
            _issue(
                "DQ-12",
                "WARN",
                "Ngày cuối kỳ đơn vị này không có phường, xã nào.",
                "The unit has no ward or commune on the last day of the period.",
            )
        )
    if coverage["confirmed"] < coverage["of"]:
        if value == 0:
            found.append(
                _issue(
                    "DQ-10",
                    "WARN",
                    "Chưa thể kết luận là không có: sổ chưa được xác nhận đủ.",
                    "None were found, but registers are not confirmed: not known.",
                )
            )
        found.append(
            _issue(
                "DQ-16",
                "WARN",
                f"Mới có {coverage['confirmed']}/{coverage['of']} phường xác nhận sổ đến hết kỳ.",
                f"Only {coverage['confirmed']} of {coverage['of']} wards confirmed their registers through the period.",
                missing=coverage["missing"],
            )
        )
    return found + [one.described() for one in known.standing if indicator.code in one.lines]


def _issue(rule: str, severity: str, vi: str, en: str, **more: object) -> dict[str, Any]:
    return {"rule": rule, "severity": severity, "message": {"vi": vi, "en": en}, **more}


def _unique(issues: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for nth, one in enumerate(issues) if one not in issues[:nth]]
