"""The rows of the table: each one fault, done to a city under load, and the promise that it puts to the test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.city import City
from tests.chaos.ledger import Verdict


@dataclass(frozen=True, slots=True)
class Figures:
    """What a row counted by itself, because it did not happen in this city."""

    commands: int
    verdict: Verdict
    duplicates: int
    recovered: float | None


Hurt = Callable[[City], Awaitable[Figures | None]]


class Skipped(Exception):
    """What this row needs is not there; the message says what."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `hurt` does it and heals it; everything that follows is the same for all rows."""

    name: str
    said: str
    """What is done, as people read it: Vietnamese, a dot, English."""
    promises: str
    """Those of docs/architecture.md that it puts to the test."""
    hurt: Hurt
    rests: float = 60.0
    """Seconds it may take until nothing moves any more."""
    within: float = 200.0
    """Seconds it may take in all; a row that hangs is a finding, not a hanging suite."""
    forgets: bool = False
    """Whether PostgreSQL loses what was not yet on its disk: where a relay stood (never what it has to tell)."""
    hidden: bool = False
    """Whether no load runs meanwhile, the row bringing its own."""


TABLE: dict[str, Row] = {}


def row(
    name: str,
    said: str,
    promises: str,
    *,
    rests: float = 60.0,
    within: float = 200.0,
    forgets: bool = False,
    hidden: bool = False,
) -> Callable[[Hurt], Hurt]:
    """Enter a function into the table."""

    def enter(hurt: Hurt) -> Hurt:
        TABLE[name] = Row(name, said, promises, hurt, rests, within, forgets, hidden)
        return hurt

    return enter
