"""Looks at zeros that are not known, and at registers that were not confirmed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.reporting.domain import coverage as covering
from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Indicator, Words
from services.reporting.domain.known import Line, Period
from services.reporting.domain.rules.given import Given
from shared.events.reporting import Claim, Severity


def zero_not_known(given: Given) -> Iterator[Finding]:
    """DQ-10: none were found or said to be, but the registers were not kept and confirmed all the time."""
    codes = [line["code"] for line in given.lines if line["coverage"]["of"] and _is_zero(given, line)]
    if codes:
        words = Words(
            vi=f"Chưa thể kết luận là không có ({', '.join(codes)}): sổ chưa được mở và xác nhận đủ trong cả kỳ.",
            en=f"None were found ({', '.join(codes)}), but registers were not confirmed throughout: not known.",
        )
        yield given.finding("DQ-10", Severity.WARN, words, codes, told=False)


def _is_zero(given: Given, line: Line) -> bool:
    if covering.is_full(line["coverage"]):
        return False
    said = given.known.declarations.get(line["code"])
    declared = said is not None and (said.value == 0 or said.claim is Claim.NONE)
    return declared or any(_counted_zero(given, one) for one in _made_of(given, line["code"]))


def _counted_zero(given: Given, indicator: Indicator) -> bool:
    figure = given.known.figures.get(indicator.code)
    return figure is not None and figure.whole == 0


def _made_of(given: Given, code: str) -> list[Indicator]:
    return [given.indicators[one] for one in given.indicators[code].of or (code,)]


def not_confirmed(given: Given) -> Iterator[Finding]:
    """DQ-16: not every ward confirmed what a line needs; lines that lack the same are said together."""
    gaps: list[tuple[tuple[Period, dict[str, Any]], list[str]]] = []
    for line in given.lines:
        gap = (_days(given, line["code"]), line["coverage"])
        if gap[1]["missing"]:
            same = next((codes for known, codes in gaps if known == gap), None)
            if same is None:
                gaps.append((gap, [line["code"]]))
            else:
                same.append(line["code"])
    for (days, covered), codes in gaps:
        confirmed, of, since = covered["confirmed"], covered["of"], _kept_since(given, days, covered)
        words = Words(
            vi=f"Mới có {confirmed}/{of} phường xác nhận sổ đến hết kỳ.",
            en=f"Only {confirmed} of {of} wards confirmed their registers through the period.",
        )
        if since:
            words = Words(
                vi=f"{words.vi} Có sổ mở sau ngày đầu: số liệu chỉ đủ từ {since:%d/%m/%Y}.",
                en=f"{words.en} Some were opened after its first day: the figure is complete from {since} on only.",
            )
        yield given.finding("DQ-16", Severity.WARN, words, codes, told=False, missing=covered["missing"], since=since)


def _days(given: Given, code: str) -> Period:
    return given.known.period.through(_made_of(given, code)[-1].window)


def _kept_since(given: Given, days: Period, covered: dict[str, Any]) -> date | None:
    """Return since when all registers that are kept at all were kept, if that is after the first day."""
    kept = [
        register.opened
        for gap in covered["missing"]
        for kind in gap["registers"]
        if (register := given.known.registers.get((gap["unit"], kind))) and register.opened > days.begin
    ]
    return max(kept, default=None)
