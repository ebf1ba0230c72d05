"""Every line of the review follows the facts: each change of the story's data moves the lines it should, and no others.

Real services tell what the changed tables make them tell, and reporting is asked; see `rehearsal.py`.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from tests.conftest import Databases, Keys, serving
from tests.e2e.changes import Change
from tests.e2e.dependencies import CHANGES
from tests.e2e.figures import FIGURES, NUMBERS, SHARES
from tests.e2e.rehearsal import Asking, Rehearsal, rehearsing
from tests.year import the_year

Lines = Mapping[str, Mapping[str, Any]]
SHOWN_IN = {part: share for share, (above, below, _) in SHARES.items() for part in (above, below)}
"""The line that shows a number which has none of its own."""


@pytest_asyncio.fixture(scope="module")
async def rehearsal(databases: Databases, keys: Keys) -> AsyncIterator[Rehearsal]:
    """Give the services after the story and all its changes."""
    async with serving(databases, keys) as serve, rehearsing(serve, the_year().told, CHANGES) as played:
        yield played


@pytest_asyncio.fixture(scope="module")
async def unchanged(rehearsal: Rehearsal) -> tuple[Lines, dict[str, Any]]:
    """Give the lines of the review of the whole year, and what made each."""
    async with rehearsal.asking() as asking:
        return await asking.lines(), {line: await asking.explained(line) for line in FIGURES}


def numbers(lines: Lines) -> dict[str, int | None]:
    """Return every number of a review, also those shown only over or under another."""
    found: dict[str, int | None] = {code: line["computed"] for code, line in lines.items() if code not in SHARES}
    for share, (above, below, _) in SHARES.items():
        found[above], found[below] = lines[share]["numerator"], lines[share]["denominator"]
    return found


def rows(explained: Mapping[str, Any], code: str) -> set[tuple[str, str, str, int]]:
    """Return what made a number: what is counted, what bears it, by which event, and whether it comes or goes."""
    return {(row["key"], row["bearer"], row["event"], row["sign"]) for row in explained["entries"][code]}


async def test_without_a_change_the_review_is_as_worked_out(unchanged: tuple[Lines, dict[str, Any]]) -> None:
    lines, _ = unchanged

    assert {code: line["display"] for code, line in lines.items()} == FIGURES
    assert numbers(lines) == NUMBERS


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
async def test_a_change_moves_its_lines_and_is_named_by_what_made_them(
    rehearsal: Rehearsal, unchanged: tuple[Lines, dict[str, Any]], change: Change
) -> None:
    lines, explained = unchanged
    before = numbers(lines)

    async with rehearsal.asking(change) as asking:
        changed = await asking.lines()
        after = numbers(changed)
        assert {code: (after[code] or 0) - (before[code] or 0) for code in before if after[code] != before[code]} == (
            change.moves
        )
        _shares_follow(changed)
        _others_stand_still(lines, changed, change)
        for code in change.moves:
            await _explained(asking, explained, code, rehearsal.names(change))


def _shares_follow(lines: Lines) -> None:
    after = numbers(lines)
    for share, (above, below, _) in SHARES.items():
        if (percent := lines[share]["computed"]) is not None and share != "LB-02":
            assert percent == pytest.approx(100 * (after[above] or 0) / (after[below] or 1), abs=0.005)


def _others_stand_still(lines: Lines, changed: Lines, change: Change) -> None:
    moved = {*change.moves, *(SHOWN_IN[code] for code in change.moves if code in SHOWN_IN)}
    for code in lines.keys() - moved:
        for said in ("declared", "computed", "numerator", "denominator", "display", "coverage"):
            assert changed[code][said] == lines[code][said], (code, said)


async def _explained(asking: Asking, before: Mapping[str, Any], code: str, named: set[str]) -> None:
    """Ask what made a number: what differs is an event of the change, or a thing that the change is about."""
    line = code if code in FIGURES else SHOWN_IN[code]
    after = await asking.explained(line)
    if after["line"]["restricted"]:
        assert after["participations"] != before[line]["participations"], f"{code}: no count has changed"
        return
    differing = " ".join(
        f"{key} {bearer} {event}" for key, bearer, event, _ in rows(before[line], code) ^ rows(after, code)
    )
    assert [name for name in named if name in differing], f"{code}: the change is not named in {differing!r}"
