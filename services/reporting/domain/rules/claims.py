"""Looks at what is said of figures: their labels, what they are to be seen against, and what was claimed of them."""

from collections.abc import Iterator
from itertools import combinations

from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Indicator, Words
from services.reporting.domain.known import Line
from services.reporting.domain.rules.given import Given, summed
from shared.events.reporting import Claim, Severity

COMPARE = {
    Claim.DECREASED: Words(vi="giảm", en="decreased"),
    Claim.INCREASED: Words(vi="tăng", en="increased"),
}
"""Claims that mean nothing without an earlier value."""


def one_label_two_numbers(given: Given) -> Iterator[Finding]:
    """DQ-04: two lines of one name have different numbers."""
    for one, other in combinations(given.form.lines, 2):
        values, label = given.values(one, other), given.indicators[one].name.vi
        if values and values[0] != values[1] and label.casefold() == given.indicators[other].name.vi.casefold():
            arithmetic = f"{one} = {values[0]} ≠ {values[1]} = {other}"
            words = Words(
                vi=f"Cùng một tên “{label}”, hai con số: {arithmetic}.",
                en=f"One name, “{given.indicators[one].name.en}”, and two numbers: {arithmetic}.",
            )
            yield given.finding("DQ-04", Severity.WARN, words, (one, other), zip((one, other), values, strict=True))


def without_base(given: Given) -> Iterator[Finding]:
    """DQ-06: figures are said without what they are to be seen against."""
    for lack in given.form.rules.without_base:
        said = [(code, value) for code in lack.lines if (value := given.value(code)) is not None]
        if not said:
            continue
        codes, values = zip(*said, strict=True)
        arithmetic = summed(codes, values) if len(said) > 1 else f"{codes[0]} = {values[0]}"
        words = Words(
            vi=f"Thiếu mẫu số: {arithmetic}, nhưng không nêu {lack.lacks.vi}.",
            en=f"No denominator: {arithmetic}, but not {lack.lacks.en}.",
        )
        yield given.finding("DQ-06", Severity.WARN, words, codes, said)


def called_otherwise(given: Given) -> Iterator[Finding]:
    """DQ-07: the period is not as long as it is called; both ways of counting its days are said."""
    called, days = given.form.rules.called, given.known.period
    if called is None or given.known.declared is None or abs(days.days - called.days) <= called.tolerance:
        return
    words = Words(
        vi=f"Gọi là “{called.said.vi}”, nhưng từ {days.begin:%d/%m/%Y} đến {days.end:%d/%m/%Y} là {days.days - 1} ngày "
        f"({days.days} ngày nếu tính cả hai đầu), không phải khoảng {called.days} ngày.",
        en=f"Called “{called.said.en}”, yet from {days.begin} to {days.end} there are {days.days - 1} days "
        f"({days.days} counting both ends), not some {called.days}.",
    )
    figures = (("DAYS-APART", days.days - 1), ("DAYS", days.days))
    yield given.finding("DQ-07", Severity.WARN, words, (), figures)


def declared_otherwise_than_computed(given: Given) -> Iterator[Finding]:
    """DQ-08: what was declared is not what was counted; of a restricted line that is shown, and never told."""
    for line in given.lines:
        indicator = given.indicators[line["code"]]
        figures = _differing(indicator, line)
        if figures:
            declared, computed = line["declaration"]["display"], line["display"]
            words = Words(
                vi=f"{indicator.code}: khai báo {declared}, tính toán {computed}.",
                en=f"{indicator.code}: declared {declared}, computed {computed}.",
            )
            told = not indicator.restricted
            yield given.finding("DQ-08", Severity.WARN, words, (indicator.code,), figures, told=told)


def _differing(indicator: Indicator, line: Line) -> list[tuple[str, int]]:
    """Return the numbers of a line that differ: in a ratio also those it is made of."""
    said, code = line["declaration"], indicator.code
    if said is None or said["value"] is None or line["computed"] is None:
        return []
    if said["denominator"] is None:
        counted = round(line["computed"])
        return [] if said["value"] == line["computed"] else [(code, said["value"]), (f"{code}-COMPUTED", counted)]
    declared, computed = (said["value"], said["denominator"]), (line["numerator"], line["denominator"])
    if declared == computed:
        return []
    names = (code, f"{code}-OF", f"{code}-COMPUTED", f"{code}-COMPUTED-OF")
    return list(zip(names, (*declared, *computed), strict=True))


def claim_without_baseline(given: Given) -> Iterator[Finding]:
    """DQ-09: something is said to have changed, and not from what."""
    claims = [
        (code, said) for code, said in sorted(given.known.declarations.items()) if said.claim and said.baseline is None
    ]
    for code, said in claims:
        if said.claim in COMPARE:
            claimed = COMPARE[said.claim]
            words = Words(
                vi=f"{code}: nói “{claimed.vi}” nhưng không nêu số trước đó để so sánh.",
                en=f"{code}: said to have {claimed.en}, without the earlier value.",
            )
            figures = [] if said.value is None else [(code, said.value)]
            yield given.finding("DQ-09", Severity.WARN, words, (code,), figures)
