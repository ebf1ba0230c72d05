"""Facts about the numbers themselves: what does not fit, and who took note of it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.events.base import Event, Text, Value

Rule = Annotated[str, StringConstraints(pattern=r"^DQ-\d\d$")]


Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,49}$")]
"""Code of a report, a line or a period."""


class Severity(StrEnum):
    """How much an issue weighs."""

    INFO = "INFO"
    WARN = "WARN"


class Hole(Value):
    """Events of a source that exist and have not been heard: their numbers, both inclusive."""

    origin: str
    first: int
    last: int


class Claim(StrEnum):
    """What a paper claims of a line without a figure."""

    DECREASED = "DECREASED"
    INCREASED = "INCREASED"
    NONE = "NONE"
    PARTLY_RESOLVED = "PARTLY_RESOLVED"


class Compared(Value):
    """A figure that a rule looked at: the line and what was declared or counted."""

    line: Code
    value: int


class Reading(Value):
    """One way in which figures that do not add up could be meant, in both languages."""

    vi: Text
    en: Text


class PeriodDeclared(Event):
    """A report is due for this period, both days inclusive; the subject is the period's code."""

    report: Code
    period_from: date
    period_to: date
    name: Text


class FigureDeclared(Event):
    """Somebody answerable says what a line of a report is, or what a paper claims of it."""

    period: Code
    line: Code
    value: int | None
    denominator: int | None
    claim: Claim | None
    baseline: Annotated[Text | None, Field(description="What a claimed change is measured against.")]
    note: Text | None


class TargetSet(Event):
    """A line should come to this value in this period."""

    period: Code
    line: Code
    value: int


class DataQualityIssueRaised(Event):
    """Something about the figures does not fit; it stays on the report until it is resolved or acknowledged."""

    rule: Rule
    severity: Severity
    lines: tuple[str, ...]
    hole: Hole | None
    period: Code | None = None
    figures: tuple[Compared, ...] = ()
    readings: tuple[Reading, ...] = ()


class DataQualityIssueResolved(Event):
    """What did not fit fits again."""

    rule: Rule


class DataQualityIssueAcknowledged(Event):
    """Somebody answerable has seen the issue and says why the figure stands."""

    reason: Text
