"""The changes that lines are tried with: each line has two, and the arithmetic of the tables agrees with them."""

from collections import Counter

import pytest

from tests.e2e.changes import Change
from tests.e2e.dependencies import CHANGES
from tests.e2e.figures import NUMBERS
from tests.year import Year, the_year

ORIGINAL = the_year().told
CONSTANT = {"LB-02b"}
"""How many wards there are is not told by the story."""


def test_every_line_is_moved_by_two_changes() -> None:
    moved = Counter(line for change in CHANGES for line in change.moves)

    assert {line for line in NUMBERS if moved[line] < 2} == CONSTANT
    assert moved.keys() <= NUMBERS.keys()


def test_some_changes_move_nothing() -> None:
    assert sum(not change.moves for change in CHANGES) >= 5


def test_no_two_changes_leave_out_the_same_row_or_have_the_same_name() -> None:
    rows = [row for change in CHANGES for row in change.without]

    assert len(set(rows)) == len(rows)
    assert len({change.name for change in CHANGES}) == len(CHANGES)


@pytest.mark.parametrize("change", [one for one in CHANGES if not one.commands], ids=lambda one: one.name)
def test_the_tables_come_to_what_a_change_says(change: Change) -> None:
    after = Year(change.told(ORIGINAL)).figures()

    moved = {line: after[line] - number for line, number in NUMBERS.items() if after[line] != number}

    assert moved == change.moves


def test_a_change_adds_and_takes_away_whole_steps() -> None:
    for change in CHANGES:
        gone, come = change.steps(ORIGINAL)
        assert bool(gone) == bool(change.without)
        assert bool(come) == bool(change.rows or change.commands)
