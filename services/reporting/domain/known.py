"""What a report is made of, as known at one position: figures counted and declared, places, registers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from services.reporting.domain.indicator import Window
from services.reporting.domain.issue import Acknowledged, Standing
from shared.events import Document, Register
from shared.events.reporting import Claim

SMALL = 5
"""Below this many, a restricted figure could lead to somebody."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period of days, both inclusive."""

    begin: date
    end: date

    @property
    def days(self) -> int:
        """Return how many days it has, both ends counted."""
        return (self.end - self.begin).days + 1

    def through(self, window: Window) -> "Period":
        """Return the days a line is counted over: these, or as many just before."""
        if window is Window.ASKED:
            return self
        return Period(self.begin - timedelta(days=self.days), self.begin - timedelta(days=1))

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two have a day in common."""
        return self.begin <= other.end and other.begin <= self.end


@dataclass(frozen=True, slots=True)
class Place:
    """A unit under the asked one, as known: its id, path and name."""

    id: str
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one register of one unit: since when it is kept, and through when it is confirmed."""

    opened: date
    through: date | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What was counted for one line: each ward's part, and the whole, which for distinct lines is no sum."""

    whole: int
    parts: Mapping[str, int] = field(default_factory=dict)


class Withheld(StrEnum):
    """Why a restricted line shows no computed figure.

    Nothing is kept here; the caller lacks the permission; an earlier answer is asked for, days that are no declared
    period, or a part of the unit that the period is for; nothing was told of it yet, or facts are known to be missing.
    """

    OFF = "off"
    PERMISSION = "permission"
    EARLIER = "earlier"
    PERIOD = "period"
    UNIT = "unit"
    NOT_TOLD = "not_told"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class DeclaredPeriod:
    """A period for which a report is due."""

    code: str
    report: str
    name: str
    unit: str
    """Path of the unit."""
    period: Period


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody answerable said that a line is, or what a paper claims of it."""

    line: str
    value: int | None = None
    denominator: int | None = None
    claim: Claim | None = None
    baseline: str | None = None
    note: str | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Directive:
    """What a rule looks at in a directive."""

    number: int
    on: date
    assigned: bool
    due: date | None


@dataclass(frozen=True, slots=True)
class Conference:
    """From which wards leaders were invited to a conference, and which wards there were that day."""

    id: str
    on: date
    invited: frozenset[str]
    wards: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """All a report is made of, as of one position of the journal.

    `figures` has restricted lines only where they may be shown; else they are withheld, for the reason given.
    """

    unit: Place
    wards: Sequence[Place]
    period: Period
    position: int
    figures: Mapping[str, Figure]
    registers: Mapping[tuple[str, Register], Kept]
    standing: Sequence[Standing]
    bases: Mapping[str, Figure] = field(default_factory=dict)
    """By line, that of which it is said per thousand, at the end of its window."""
    declared: DeclaredPeriod | None = None
    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    targets: Mapping[str, int] = field(default_factory=dict)
    directives: Sequence[Directive] = ()
    conferences: Sequence[Conference] = ()
    acknowledged: Mapping[str, Acknowledged] = field(default_factory=dict)
    """By issue."""
    withheld: Withheld | None = Withheld.PERMISSION
    erased: Mapping[str, int] = field(default_factory=dict)
    """By restricted line, how many it counted before they were erased."""


Line = dict[str, Any]
"""A line of a report as it is shown."""
