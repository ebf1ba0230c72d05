"""Facts about the numbers themselves: what does not fit, and who took note of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from shared.events.base import Event, Text, Value

Rule = Annotated[str, StringConstraints(pattern=r"^DQ-\d\d$")]


class Severity(StrEnum):
    """How much an issue weighs."""

    INFO = "INFO"
    WARN = "WARN"


class Hole(Value):
    """Events of a source that exist and have not been heard: their numbers, both inclusive."""

    origin: str
    first: int
    last: int


class DataQualityIssueRaised(Event):
    """Something about the figures does not fit; it stays on the report until it is resolved or acknowledged."""

    rule: Rule
    severity: Severity
    lines: tuple[str, ...]
    hole: Hole | None


class DataQualityIssueResolved(Event):
    """What did not fit fits again."""

    rule: Rule


class DataQualityIssueAcknowledged(Event):
    """Somebody answerable has seen the issue and says why the figure stands."""

    reason: Text
