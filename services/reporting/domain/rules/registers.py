"""Looks at zeros that are not known, and at registers that were not confirmed."""

from collections.abc import Iterator
from typing import Any

from services.reporting.domain import coverage as covering
from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Indicator, Words
from services.reporting.domain.known import Line
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
    gaps: list[tuple[dict[str, Any], list[str]]] = []
    for line in given.lines:
        covered = line["coverage"]
        if covered["missing"]:
            same = next((codes for known, codes in gaps if known == covered), None)
            if same is None:
                gaps.append((covered, [line["code"]]))
            else:
                same.append(line["code"])
    for covered, codes in gaps:
        words = Words(
            vi=f"Mới có {covered['confirmed']}/{covered['of']} phường xác nhận sổ đến hết kỳ.",
            en=f"Only {covered['confirmed']} of {covered['of']} wards confirmed their registers through the period.",
        )
        yield given.finding("DQ-16", Severity.WARN, words, codes, told=False, missing=covered["missing"])
