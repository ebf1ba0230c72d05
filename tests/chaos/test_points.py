"""The hook that kills: every place that waits is numbered, and a process ends exactly there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.points import faults
from tests.chaos.points.faults import Point
from tests.chaos.rows_points import points

HOOK = Path(faults.__file__).parent
TOY = """
import asyncio


def say(word):
    print(word, flush=True)
    return word


async def step(word):
    return say(word)


class Door:
    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        say("open " + self.name)
        return self

    async def __aexit__(self, *error):
        say("close " + self.name)


async def several():
    for word in ("first", "second"):
        yield say(word)


async def through_the_door():
    async with Door("a") as a, Door("b"):
        return await step("inside " + a.name)


async def main():
    await step("begin")
    assert await through_the_door() == "inside a"
    async for word in several():
        say("got " + word)
    assert [word async for word in several()] == ["first", "second"]
    assert await step(await step("inner") + " outer") == "inner outer"
"""
BEGUN = ["begin"]
INSIDE = [*BEGUN, "open a", "open b", "inside a"]
LEFT = [*INSIDE, "close b", "close a"]
LOOPED = [*LEFT, "first", "got first", "second", "got second"]
LISTED = [*LOOPED, "first", "second"]
SAID = [*LISTED, "inner", "inner outer"]
"""What the toy says when it is left alone."""
KILLED = {
    ("through_the_door", "enter", 0): (BEGUN, INSIDE[:2]),
    ("through_the_door", "leave", 0): (LEFT[:-1], LEFT),
    ("through_the_door", "enter", 1): (INSIDE[:2], INSIDE[:3]),
    ("through_the_door", "leave", 1): (INSIDE, LEFT[:-1]),
    ("through_the_door", "await", 0): (INSIDE[:3], INSIDE),
    ("main", "await", 0): ([], BEGUN),
    ("main", "await", 1): (BEGUN, LEFT),
    ("main", "async for", 0): (LEFT, [*LEFT, "first"]),
    ("main", "async for", 1): (LOOPED, [*LOOPED, "first"]),
    ("main", "await", 2): (SAID[:-1], SAID),
    ("main", "await", 3): (LISTED, SAID[:-1]),
}
"""What it has said when it is killed before and after each place, the places of a function and a kind in order."""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "toy.py").write_text(TOY)
    return tmp_path


def run(toy: Path, **armed: str) -> tuple[int, list[str]]:
    """Run the toy and return how it ended and what it had said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAOS_")}
    done = subprocess.run(
        [sys.executable, "-c", "import asyncio, toy; asyncio.run(toy.main())"],
        env={**environment, **armed, "PYTHONPATH": f"{HOOK}:{toy}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def named(found: list[Point]) -> dict[tuple[str, str, int], Point]:
    """Return places by function, kind, and which of those they are."""
    names: dict[tuple[str, str, int], Point] = {}
    for point in found:
        nth = sum(point.function == function and point.kind == kind for function, kind, _ in names)
        names[point.function, point.kind, nth] = point
    return names


def test_every_place_that_waits_is_numbered() -> None:
    found = faults.numbered("toy", TOY)

    assert named(found).keys() == KILLED.keys()
    assert [point.n for point in found] == list(range(len(KILLED)))
    assert [point.line for point in found] == sorted(point.line for point in found)


def test_the_numbers_depend_on_nothing_but_the_order_of_the_source() -> None:
    moved = faults.numbered("toy", "# A line more.\n" + TOY.replace("begin", "start"))

    assert [(one.n, one.line, one.function, one.kind) for one in moved] == [
        (one.n, one.line + 1, one.function, one.kind) for one in faults.numbered("toy", TOY)
    ]


def test_unarmed_the_hook_changes_nothing(toy: Path) -> None:
    assert run(toy) == (0, SAID)
    assert run(toy, CHAOS_KILL_AT="toy:0:after:2") == (0, SAID)


@pytest.mark.parametrize("place", KILLED, ids=lambda place: " ".join(map(str, place)))
def test_a_process_is_killed_before_and_after_each_place_and_nowhere_else(
    toy: Path, place: tuple[str, str, int]
) -> None:
    point = named(faults.numbered("toy", TOY))[place]
    before, after = KILLED[place]

    assert run(toy, CHAOS_KILL_AT=point.at("before")) == (-signal.SIGKILL, before)
    assert run(toy, CHAOS_KILL_AT=point.at("after")) == (-signal.SIGKILL, after)


def test_a_place_may_be_passed_some_times_before(toy: Path) -> None:
    loop = named(faults.numbered("toy", TOY))["main", "async for", 0]

    assert run(toy, CHAOS_KILL_AT=loop.at("before", 2)) == (-signal.SIGKILL, [*LEFT, "first", "got first"])
    assert run(toy, CHAOS_KILL_AT=loop.at("after", 2)) == (-signal.SIGKILL, LOOPED[:-1])
    assert run(toy, CHAOS_KILL_AT=loop.at("after", 3)) == (-signal.SIGKILL, LOOPED)


def test_the_places_of_the_conveyor_are_found_in_the_source_as_it_is_now() -> None:
    of = {module: faults.points(module) for module in faults.modules()}

    assert of.keys() >= {"shared.relay", "shared.topology", "shared.consumers.hearing", "shared.consumers.batching"}
    assert {"enter", "leave", "await"} <= {point.kind for point in faults.listed()}
    assert all(point.line and point.function for point in faults.listed())


def test_a_service_that_is_killed_here_and_there_loses_and_repeats_nothing() -> None:
    said: list[str] = []

    result = points(20261125, 25, said.append, whole=None, sampled={"boards": 6})

    assert result.holds, "\n".join(said)
    assert result.answered > 0
    assert result.heard > 0
