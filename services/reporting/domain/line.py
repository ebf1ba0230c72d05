"""Says one line of a report: declared beside computed, with what either is made of, or null where it is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.reporting.domain import coverage as covering
from services.reporting.domain.coverage import Coverage
from services.reporting.domain.indicator import Form, Indicator, Kind
from services.reporting.domain.known import SMALL, Declaration, Figure, Known, Line
from shared.events.reporting import Claim

Number = int | float
UNKNOWN = "—"
PER = 1000

CLAIMED = {
    Claim.DECREASED: "giảm · decreased",
    Claim.INCREASED: "tăng · increased",
    Claim.NONE: "không có · none",
    Claim.PARTLY_RESOLVED: "từng bước giải quyết · partly resolved",
}


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted for a line, as it is said."""

    computed: Number | None
    numerator: int | None
    denominator: int | None
    display: str
    coverage: Coverage
    overlap: int
    parts: list[dict[str, Any]]


def line(indicator: Indicator, indicators: Mapping[str, Indicator], known: Known) -> Line:
    """Return one line of a report, before anything is said of what does not fit in it."""
    withheld = indicator.restricted and indicator.code not in known.figures
    counted = _withheld(indicator, known) if withheld else _counted(indicator, indicators, known)
    declaration = known.declarations.get(indicator.code)
    said = number(indicator, declaration)
    return {
        "code": indicator.code,
        "part_of": indicator.part_of,
        "name": indicator.name.model_dump(),
        "kind": indicator.kind,
        "counted": indicator.counted.model_dump(),
        "definition": {**indicator.definition.model_dump(), "version": indicator.version},
        "restricted": indicator.restricted,
        "withheld": known.withheld if withheld else None,
        "declared": said,
        "declaration": declaration and _declaration(indicator, declaration),
        "computed": counted.computed,
        "numerator": counted.numerator,
        "denominator": counted.denominator,
        "display": counted.display,
        "difference": difference(counted.computed, said),
        "target": known.targets.get(indicator.code),
        "rate": _rate(indicator, counted.computed, known),
        "summable": indicator.summable,
        "erased": known.erased.get(indicator.code, 0),
        "small": indicator.restricted and _is_small(counted.computed),
        "coverage": counted.coverage,
        "overlap": counted.overlap,
        "parts": [{**part, "declared": said if indicator.within == part["key"] else None} for part in counted.parts],
        "issues": [],
    }


def number(indicator: Indicator, declaration: Declaration | None) -> Number | None:
    """Return what was declared as it stands beside what is computed: of 49/222 the share, of 13/14 the 13."""
    if declaration is None or declaration.value is None:
        return None
    if indicator.form is Form.PERCENT and declaration.denominator is not None:
        return share(declaration.value, declaration.denominator)
    return declaration.value


def share(above: int, below: int) -> float | None:
    """Return how many per cent one number is of another, rounded half up; of nothing there is no share."""
    return float(_rounded(Decimal(100) * above / below)) if below else None


def difference(computed: Number | None, declared: Number | None) -> Number | None:
    """Return by how much the computed figure exceeds the declared one."""
    if computed is None or declared is None:
        return None
    if isinstance(computed, int) and isinstance(declared, int):
        return computed - declared
    return float(_rounded(Decimal(str(computed)) - Decimal(str(declared))))


def _withheld(indicator: Indicator, known: Known) -> _Counted:
    parts = [_part(ward.id, ward.name, None) for ward in covering.wards(indicator, known) if indicator.within]
    return _Counted(None, None, None, UNKNOWN, covering.coverage(indicator, known), 0, parts)


def _counted(indicator: Indicator, indicators: Mapping[str, Indicator], known: Known) -> _Counted:
    if indicator.kind is Kind.RATIO:
        upper, lower = (_counted(indicators[code], indicators, known) for code in indicator.of)
        return _ratio(indicator, upper, lower)
    covered, figure = covering.coverage(indicator, known), known.figures[indicator.code]
    value = covering.unless_unknown(figure.whole, covered)
    return _Counted(
        value,
        value,
        None,
        UNKNOWN if value is None else str(value),
        covered,
        sum(figure.parts.values()) - figure.whole,
        _parts(indicator, figure, covered, known),
    )


def _parts(indicator: Indicator, figure: Figure, covered: Coverage, known: Known) -> list[dict[str, Any]]:
    wards = covering.wards(indicator, known)
    parts = [
        _part(
            ward.id,
            ward.name,
            covering.unless_unknown(figure.parts.get(ward.id, 0), covering.of_one(covered, ward.id)),
        )
        for ward in wards
    ]
    # A flow may lie in a ward that has ended since, or in the unit itself; that part is shown all the same.
    elsewhere = sorted(figure.parts.keys() - {ward.id for ward in wards})
    names = {known.unit.id: known.unit.name}
    parts += [_part(key, names.get(key, key), figure.parts[key]) for key in elsewhere]
    if indicator.restricted:
        return [{**part, "small": _is_small(part["computed"])} for part in parts]
    return parts


def _part(key: str, name: str, computed: Number | None) -> dict[str, Any]:
    return {"key": key, "name": name, "category": None, "declared": None, "computed": computed}


def _ratio(indicator: Indicator, upper: _Counted, lower: _Counted) -> _Counted:
    above, below = upper.numerator, lower.numerator
    computed, display = _said(indicator, above, below)
    lower_parts = {part["key"]: part["computed"] for part in lower.parts}
    return _Counted(
        computed,
        above,
        below,
        display,
        covering.joined(upper.coverage, lower.coverage),
        0,
        [
            {
                **part,
                "computed": _said(indicator, part["computed"], lower_parts[part["key"]])[0],
                "numerator": part["computed"],
                "denominator": lower_parts[part["key"]],
            }
            for part in upper.parts
            if part["key"] in lower_parts
        ],
    )


def _said(indicator: Indicator, above: int | None, below: int | None) -> tuple[Number | None, str]:
    if above is None or below is None:
        return None, UNKNOWN
    of = f"({above}/{below})"
    if indicator.form is Form.OF:
        return (above, f"{above}/{below}") if below else (None, f"{UNKNOWN} {of}")
    if min(above, below) < indicator.least:
        return None, f"{UNKNOWN} {of}"
    percent = share(above - below if indicator.form is Form.CHANGE else above, below)
    return percent, f"{UNKNOWN} {of}" if percent is None else f"{_percent(indicator, percent)} {of}"


def _percent(indicator: Indicator, percent: float) -> str:
    sign = "+" if indicator.form is Form.CHANGE and percent > 0 else ""
    return f"{sign}{percent:.2f} %".replace(".", ",").replace("-", "−")


def _declaration(indicator: Indicator, said: Declaration) -> dict[str, Any]:
    return {
        "value": said.value,
        "denominator": said.denominator,
        "claim": said.claim,
        "baseline": said.baseline,
        "note": said.note,
        "document": said.document and said.document.model_dump(),
        "display": _as_declared(indicator, said),
    }


def _as_declared(indicator: Indicator, said: Declaration) -> str:
    claimed = CLAIMED[said.claim] if said.claim else None
    if said.value is None:
        return claimed or UNKNOWN
    if indicator.form is Form.CHANGE:
        written = _percent(indicator, said.value)
    elif said.denominator is None:
        written = str(said.value)
    elif indicator.form is Form.OF:
        written = f"{said.value}/{said.denominator}"
    else:
        percent = share(said.value, said.denominator)
        of = f"({said.value}/{said.denominator})"
        written = f"{UNKNOWN} {of}" if percent is None else f"{_percent(indicator, percent)} {of}"
    return f"{written} ({claimed})" if claimed and said.claim is not Claim.NONE else written


def _rate(indicator: Indicator, computed: Number | None, known: Known) -> dict[str, Any] | None:
    """Say a figure per thousand of what it is to be seen against, such as apartments."""
    base = known.bases.get(indicator.code)
    if indicator.per is None or base is None or computed is None or base.whole <= 0:
        return None
    rate = _rounded(Decimal(PER) * Decimal(computed) / base.whole)
    return {
        "value": float(rate),
        "per": PER,
        "base": base.whole,
        "display": f"{rate} ‰ ({computed}/{base.whole})".replace(".", ","),
    }


def _is_small(value: Number | None) -> bool:
    return value is not None and value < SMALL


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
