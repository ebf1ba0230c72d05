"""Looks at figures that should, or should not, add up."""

from collections.abc import Iterator, Mapping

from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Readings, Words
from services.reporting.domain.rules.given import Given, summed
from shared.events.reporting import Severity


def part_exceeds_whole(given: Given) -> Iterator[Finding]:
    """DQ-01: what is said to be of a whole is at most the whole."""
    for part, whole in given.form.rules.subsets:
        values = given.values(part, whole)
        if values and values[0] > values[1]:
            words = Words(
                vi=f"Phần lớn hơn tổng: {part} = {values[0]} > {values[1]} = {whole}.",
                en=f"The part exceeds the whole: {part} = {values[0]} > {values[1]} = {whole}.",
            )
            yield given.finding("DQ-01", Severity.WARN, words, (part, whole), zip((part, whole), values, strict=True))
    for code, said in given.known.declarations.items():
        if said.value is not None and said.denominator is not None and said.value > said.denominator:
            words = Words(
                vi=f"Tử số lớn hơn mẫu số: {code} = {said.value}/{said.denominator}.",
                en=f"The numerator exceeds the denominator: {code} = {said.value}/{said.denominator}.",
            )
            figures = ((code, said.value), (f"{code}-OF", said.denominator))
            yield given.finding("DQ-01", Severity.WARN, words, (code,), figures)


def parts_do_not_add_up(given: Given) -> Iterator[Finding]:
    """DQ-02: two parts make up their whole, or else overlap by as many as they exceed it."""
    for one in given.form.rules.partitions:
        values = given.values(one.whole, *one.parts)
        if values is None or values[1] + values[2] == values[0]:
            continue
        whole, *parts = values
        over = sum(parts) - whole
        arithmetic = f"{summed(one.parts, parts)} ≠ {whole} = {one.whole} ({over:+d})"
        words = Words(
            vi=f"Các phần không cộng thành tổng: {arithmetic}.",
            en=f"The parts do not add up to the whole: {arithmetic}.",
        )
        beside = given.value(one.beside) if one.beside else None
        lines = (one.whole, *one.parts)
        figures = [*zip(lines, values, strict=True)]
        if one.beside and beside is not None:
            figures.append((one.beside, beside))
        readings = _readings(one.readings, whole, parts[0], parts[1], beside) if one.readings else ()
        yield given.finding("DQ-02", Severity.WARN, words, lines, figures, readings=readings)


def _readings(of: Readings, whole: int, first: int, second: int, beside: int | None) -> Iterator[Words]:
    overlap = first + second - whole
    figures: Mapping[str, object] = {
        "whole": whole,
        "first": first,
        "second": second,
        "sum": first + second,
        "over": f"{overlap:+d}",
        "overlap": overlap,
        "only_first": first - overlap,
        "only_second": second - overlap,
        "beside": beside,
        "with_beside": whole + (beside or 0),
    }
    yield of.apart.of(**figures)
    if of.overlapping and 0 < overlap <= min(first, second):
        said = of.overlapping.of(**figures)
        if of.besides and beside is not None:
            more = of.besides.of(**figures)
            said = Words(vi=f"{said.vi} {more.vi}", en=f"{said.en} {more.en}")
        yield said
    if of.regrouped and beside is not None and first + beside == whole:
        yield of.regrouped.of(**figures)
    if of.wording:
        yield of.wording.of(**figures)


def parts_exceed_another_measure(given: Given) -> Iterator[Finding]:
    """DQ-03: parts exceed a line of which they cannot all be parts, so the two measure different things."""
    for one in given.form.rules.comparisons:
        values = given.values(*one.parts, one.whole)
        if values is None or sum(values[:-1]) <= values[-1]:
            continue
        arithmetic = f"{summed(one.parts, values[:-1])} > {values[-1]} = {one.whole}"
        words = Words(vi=f"{arithmetic}: {one.why.vi}", en=f"{arithmetic}: {one.why.en}")
        lines = (*one.parts, one.whole)
        yield given.finding("DQ-03", Severity.WARN, words, lines, zip(lines, values, strict=True))


def sum_by_chance(given: Given) -> Iterator[Finding]:
    """DQ-05: lines that are not said to make up another add up to it all the same."""
    for one in given.form.rules.coincidences:
        values = given.values(*one.parts, one.whole)
        if values is None or sum(values[:-1]) != values[-1]:
            continue
        arithmetic = f"{summed(one.parts, values[:-1])} = {one.whole}"
        words = Words(vi=f"{arithmetic}: {one.why.vi}", en=f"{arithmetic}: {one.why.en}")
        lines = (*one.parts, one.whole)
        yield given.finding("DQ-05", Severity.INFO, words, lines, zip(lines, values, strict=True))
