"""Prepares a report for being passed on: restricted cells under five are left out, and what would give them back.

Only restricted lines are touched. A cell is left out when it is small, when it is what a shown total lacks, or when
it would tell a small remainder, such as those of a whole who are not of a part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from services.reporting.domain.known import SMALL, Line

HIDDEN = "ẩn · hidden"
"""What stands where a cell was left out."""
UNSAID = {
    "vi": "Nội dung nêu con số đã ẩn trong bản xuất ra.",
    "en": "What this says has figures that are left out of what is passed on.",
}

Cell = tuple[str, str, str | None]
"""Line, column, and the ward, or nothing for the whole."""
Values = Mapping[Cell, float]


@dataclass(frozen=True, slots=True)
class _Sum:
    """A whole and its parts, all shown side by side."""

    whole: Cell
    parts: tuple[Cell, ...]

    def gives_back(self, values: Values, hidden: set[Cell]) -> Cell | None:
        """Return another cell to leave out, if what is shown tells one that is left out."""
        shown = [one for one in self.parts if one not in hidden]
        lacking = [one for one in self.parts if one in hidden]
        if self.whole in hidden:
            return None if lacking else min(shown, key=values.__getitem__)
        if not lacking or (len(lacking) > 1 and sum(values[one] for one in lacking) >= SMALL):
            return None
        return min(shown, key=values.__getitem__) if shown else self.whole


@dataclass(frozen=True, slots=True)
class _Remainder:
    """Cells whose sum and difference is a number of people nobody shows: of a whole without a part, of both parts."""

    plus: tuple[Cell, ...]
    minus: Cell
    left_out: Cell

    def gives_back(self, values: Values, hidden: set[Cell]) -> Cell | None:
        """Return the cell to leave out, if the remainder would be small."""
        if hidden & {*self.plus, self.minus}:
            return None
        remainder = sum(values[one] for one in self.plus) - values[self.minus]
        return self.left_out if abs(remainder) < SMALL else None


def for_export(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report as it may be passed on; cells that were left out are null and marked `suppressed`.

    What may be passed on already stays as it is.
    """
    hidden = _hidden(report["lines"])
    unsaid = {line for line, _, ward in hidden if ward is None}
    return {
        **report,
        "lines": [
            _line(line, hidden, unsaid) if line["restricted"] else _issues(line, unsaid) for line in report["lines"]
        ],
        "issues": [_issue(one, unsaid) for one in report["issues"]],
    }


def _hidden(lines: list[Line]) -> set[Cell]:
    restricted = [line for line in lines if line["restricted"]]
    values = {cell: value for line in restricted for cell, value in _cells(line)}
    relations = [*_relations(restricted, values)]
    hidden = {cell for cell, value in values.items() if value < SMALL}
    while more := next((one for relation in relations if (one := relation.gives_back(values, hidden))), None):
        hidden.add(more)
    return hidden


def _cells(line: Line) -> Iterator[tuple[Cell, float]]:
    for column in ("declared", "computed"):
        for ward, value in [(None, line[column]), *((part["key"], part[column]) for part in line["parts"])]:
            if value is not None:
                yield (line["code"], column, ward), value


def _relations(lines: list[Line], values: Values) -> Iterator[_Sum | _Remainder]:
    for column in ("declared", "computed"):
        for line in lines:
            whole = (line["code"], column, None)
            parts = tuple(one for part in line["parts"] if (one := (line["code"], column, part["key"])) in values)
            if whole in values and parts:
                yield _Sum(whole, parts)
        wards = {ward for _, _, ward in values}
        for ward in sorted(wards, key=str):
            yield from _remainders(lines, column, ward, values)


def _remainders(lines: list[Line], column: str, ward: str | None, values: Values) -> Iterator[_Remainder]:
    by_whole: dict[str, list[Cell]] = {}
    for line in lines:
        part = (line["code"], column, ward)
        if line["part_of"] and part in values and (line["part_of"], column, ward) in values:
            by_whole.setdefault(line["part_of"], []).append(part)
    for code, parts in by_whole.items():
        whole = (code, column, ward)
        for part in parts:
            yield _Remainder((whole,), part, part)
        for one, other in combinations(parts, 2):
            yield _Remainder((one, other), whole, min(one, other, key=values.__getitem__))
    # What a ward's own line has more than another line's part of that ward.
    if ward is not None:
        there = [(line, one) for line in lines if (one := (line["code"], column, ward)) in values]
        own = [(line, cell) for line, cell in there if _is_of(line, ward)]
        others = [(line, cell) for line, cell in there if not _is_of(line, ward)]
        for (ours, mine), (rest, theirs) in product(own, others):
            if ours["kind"] == rest["kind"]:
                yield _Remainder((mine,), theirs, theirs)


def _is_of(line: Line, ward: str) -> bool:
    return [part["key"] for part in line["parts"]] == [ward]


def _line(line: Line, hidden: set[Cell], unsaid: set[str]) -> Line:
    code, said = line["code"], line["declaration"]
    declared, computed = (code, "declared", None) in hidden, (code, "computed", None) in hidden
    changed: dict[str, Any] = {
        "suppressed": computed or line.get("suppressed", False),
        "declared_suppressed": declared or line.get("declared_suppressed", False),
        "erased": None,
    }
    if declared:
        changed |= {"declared": None, "difference": None, "declaration": {**dict.fromkeys(said), "display": HIDDEN}}
    if computed:
        changed |= {"computed": None, "numerator": None, "difference": None, "display": HIDDEN, "small": False}
    if any(one == code for one, _, _ in hidden):
        changed["overlap"] = None
    return _issues({**line, **changed, "parts": [_part(code, part, hidden) for part in line["parts"]]}, unsaid)


def _part(code: str, part: dict[str, Any], hidden: set[Cell]) -> dict[str, Any]:
    left_out = {column: None for column in ("declared", "computed") if (code, column, part["key"]) in hidden}
    return {**part, **left_out, "suppressed": "computed" in left_out or part.get("suppressed", False), "small": False}


def _issues(line: Line, unsaid: set[str]) -> Line:
    return {**line, "issues": [_issue(one, unsaid) for one in line["issues"]]}


def _issue(issue: dict[str, Any], unsaid: set[str]) -> dict[str, Any]:
    """Say nothing of figures that are left out; which lines have small ones may be said (DQ-13)."""
    if issue["rule"] == "DQ-13" or not unsaid & {*issue["lines"], *(one["line"] for one in issue["figures"])}:
        return issue
    return {**issue, "message": UNSAID, "figures": [], "readings": []}
