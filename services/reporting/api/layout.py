"""Lays a report out for people: the page, the Word and the Excel document show the very same cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.reporting.api import finding, words
from services.reporting.api.finding import Finding, Key
from services.reporting.api.words import Language

ABREAST = 16
"""Wards in one table; more are shown in several."""


class Mark(StrEnum):
    """What must be known of a cell beside its figure."""

    PLAIN = ""
    WITHHELD = "withheld"
    UNKNOWN = "unknown"
    SMALL = "small"
    SUPPRESSED = "suppressed"
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as it is written, and as a number where it is one."""

    text: str
    value: float | None = None
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    code: str
    name: str
    counted: str
    kind: str
    depth: int
    declared: Cell
    computed: Cell
    above: Cell
    below: Cell
    difference: Cell
    coverage: str
    covered: bool
    notes: tuple[str, ...]
    issues: tuple[Finding, ...]
    definition: str
    version: int

    @property
    def explained(self) -> bool:
        """Tell whether there is more to see of the computed figure."""
        return self.computed.mark is not Mark.WITHHELD


@dataclass(frozen=True, slots=True)
class WardRow:
    """One line by ward; the total is empty where parts may not be summed."""

    code: str
    name: str
    depth: int
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True, slots=True)
class WardTable:
    """Some wards side by side; the last of several tables has the totals."""

    wards: tuple[str, ...]
    rows: tuple[WardRow, ...]
    totals: bool


@dataclass(frozen=True, slots=True)
class Laid:
    """A report ready to be shown."""

    rows: tuple[Row, ...]
    by_ward: tuple[WardTable, ...]
    unfit: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    unconfirmed: tuple[tuple[str, str], ...]
    """Each ward, and which of its registers are not confirmed."""
    restricted: bool
    """Whether it shows restricted figures, which are not for everybody."""
    counts: Mapping[str, int]
    """How many lines there are, match what was declared, differ from it, are withheld; and findings that stand."""


def lay(report: Mapping[str, Any], language: Language) -> Laid:
    """Lay a report out in a language."""
    findings = finding.findings(report, language)
    rows = tuple(_rows(report, findings, language))
    marks = [row.difference.mark for row in rows]
    return Laid(
        rows=rows,
        by_ward=tuple(_by_ward(report, rows, language)),
        unfit=tuple(one for one in findings.values() if one.unfit),
        remarks=tuple(one for one in findings.values() if not one.unfit),
        unconfirmed=tuple((one["name"], words.registers(one["registers"], language)) for one in report["unconfirmed"]),
        restricted=any(line["restricted"] and not line["withheld"] for line in report["lines"]),
        counts={
            "lines": len(rows),
            "same": marks.count(Mark.SAME),
            "other": marks.count(Mark.OTHER),
            "withheld": sum(row.computed.mark is Mark.WITHHELD for row in rows),
            "findings": sum(one.acknowledged is None for one in findings.values()),
        },
    )


def _rows(report: Mapping[str, Any], findings: Mapping[Key, Finding], language: Language) -> Iterator[Row]:
    depths: dict[str, int] = {}
    for line in report["lines"]:
        depth = depths.get(line["part_of"] or "", -1) + 1
        depths[line["code"]] = depth
        said = {finding.key(one) for one in line["issues"]}
        yield Row(
            code=line["code"],
            name=words.either(line["name"], language),
            counted=words.either(line["counted"], language),
            kind=words.code(words.KINDS, line["kind"], language),
            depth=depth,
            declared=_declared(line, language),
            computed=_computed(line, language),
            above=_number(line["numerator"], language),
            below=_number(line["denominator"], language),
            difference=_difference(line, language),
            coverage=_coverage(line["coverage"]),
            covered=line["coverage"] is None or line["coverage"]["confirmed"] == line["coverage"]["of"],
            notes=tuple(_notes(line, language)),
            issues=tuple(one for key, one in findings.items() if key in said or line["code"] in one.lines),
            definition=words.either(line["definition"], language),
            version=line["definition"]["version"],
        )


def _declared(line: Mapping[str, Any], language: Language) -> Cell:
    said = line["declaration"]
    if said is None:
        return Cell(words.NONE)
    if line.get("declared_suppressed"):
        return _suppressed(language)
    if said["value"] is None:
        return Cell(f"“{words.code(words.CLAIMS, said['claim'], language)}”" if said["claim"] else words.NONE)
    if said["denominator"] is None and said["display"] == str(said["value"]):
        return _number(line["declared"], language)
    return Cell(words.figure(said["display"], language), line["declared"])


def _computed(line: Mapping[str, Any], language: Language) -> Cell:
    if line["withheld"]:
        return Cell(words.either(("hạn chế", "restricted"), language), mark=Mark.WITHHELD)
    if line.get("suppressed"):
        return _suppressed(language)
    if line["computed"] is None and line["display"] == words.NONE:
        return Cell(words.either(("chưa xác định", "not known"), language), mark=Mark.UNKNOWN)
    mark = Mark.UNKNOWN if line["computed"] is None else Mark.SMALL if line.get("small") else Mark.PLAIN
    if line["denominator"] is None and line["display"] == str(line["computed"]):
        return Cell(words.number(line["computed"], language), line["computed"], mark)
    return Cell(words.figure(line["display"], language), line["computed"], mark)


def _number(value: float | None, language: Language) -> Cell:
    return Cell(words.number(value, language), value)


def _suppressed(language: Language) -> Cell:
    return Cell(words.either(("ẩn", "hidden"), language), mark=Mark.SUPPRESSED)


def _difference(line: Mapping[str, Any], language: Language) -> Cell:
    value = line["difference"]
    if value is None:
        return Cell("")
    return Cell(words.difference(value, language), value, Mark.OTHER if value else Mark.SAME)


def _coverage(coverage: Mapping[str, Any] | None) -> str:
    return f"{coverage['confirmed']}/{coverage['of']}" if coverage and coverage["of"] else words.NONE


def _notes(line: Mapping[str, Any], language: Language) -> Iterator[str]:
    said = line["declaration"] or {}
    if said.get("note"):
        yield said["note"]
    if said.get("baseline"):
        yield words.either(("So với: ", "Against: "), language) + said["baseline"]
    if line["target"] is not None:
        yield words.either(("Chỉ tiêu giao: ", "Target: "), language) + words.number(line["target"], language)
    if line.get("rate"):
        yield words.either(("Trên 1.000 căn hộ: ", "Per 1,000 apartments: "), language) + words.figure(
            line["rate"]["display"], language
        )
    if line["withheld"]:
        yield words.code(words.WITHHELD, line["withheld"], language)
    if line["overlap"]:
        over = words.number(line["overlap"], language)
        yield words.either(
            (f"Cộng các phường thừa {over}: có nơi tính trùng", f"Wards add up to {over} more: counted in several"),
            language,
        )


def _by_ward(report: Mapping[str, Any], rows: Sequence[Row], language: Language) -> Iterator[WardTable]:
    names = {part["key"]: words.place(part["name"]) for line in report["lines"] for part in line["parts"]}
    keys = list(names)
    laid = {row.code: row for row in rows}
    lines = [line for line in report["lines"] if line["parts"] and not line["withheld"]]
    for first in range(0, len(keys), ABREAST):
        shown = keys[first : first + ABREAST]
        yield WardTable(
            wards=tuple(names[key] for key in shown),
            rows=tuple(
                WardRow(
                    line["code"],
                    laid[line["code"]].name,
                    laid[line["code"]].depth,
                    tuple(_part(line, key, language) for key in shown),
                    _total(line, language),
                )
                for line in lines
            ),
            totals=first + ABREAST >= len(keys),
        )


def _part(line: Mapping[str, Any], key: str, language: Language) -> Cell:
    part = next((one for one in line["parts"] if one["key"] == key), None)
    if part is None:
        return Cell("")
    if part.get("suppressed"):
        return _suppressed(language)
    if part["computed"] is None:
        return Cell(words.NONE, mark=Mark.UNKNOWN)
    mark = Mark.SMALL if part.get("small") else Mark.PLAIN
    if "numerator" in part:
        return Cell(words.ratio(part, language), part["computed"], mark)
    return Cell(words.number(part["computed"], language), part["computed"], mark)


def _total(line: Mapping[str, Any], language: Language) -> Cell:
    """Return the sum of the parts where they may be summed and all are known."""
    values = [part["computed"] for part in line["parts"]]
    if not line["summable"] or any(value is None for value in values):
        return Cell("")
    return _number(sum(values), language)
