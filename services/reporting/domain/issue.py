"""Decides about issues with figures: holes in what was heard, raised, healed, or acknowledged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.caller import Asked
from shared.errors import NotFound, Refused
from shared.events import (
    DataQualityIssueAcknowledged,
    DataQualityIssueRaised,
    DataQualityIssueResolved,
    Text,
)
from shared.events.reporting import Compared, Hole, Severity

HOLE = "DQ-15"
WHOLE = "HN"
"""Nobody knows whose event is missing, so the issue is the city's."""


class AcknowledgeIssue(Asked):
    """Ask to take note of an issue and say why the figure stands."""

    reason: Text


@dataclass(frozen=True, slots=True)
class Issue:
    """What must be known of an issue to settle it."""

    id: UUID
    rule: str
    unit: str
    resolved: bool
    acknowledged: bool
    figures: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That somebody answerable took note of an issue, and of which figures."""

    on: date
    reason: str
    figures: tuple[Compared, ...] = ()

    def described(self) -> dict[str, Any]:
        """Return it as a report shows it."""
        return {"on": self.on, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Standing:
    """A hole that stands on reports, as the journal knows it."""

    id: str
    rule: str
    severity: str
    lines: tuple[str, ...]
    hole: Hole

    def described(self, acknowledged: Acknowledged | None = None) -> dict[str, Any]:
        """Return the issue as a report shows it."""
        first, last = self.hole.first, self.hole.last
        numbers = f"{first}" if first == last else f"{first}-{last}"
        return {
            "id": self.id,
            "rule": self.rule,
            "severity": self.severity,
            "message": {
                "vi": f"Chưa nhận được sự kiện {self.hole.origin} số {numbers}; số liệu có thể còn thay đổi.",
                "en": f"Event {self.hole.origin} no. {numbers} has not been heard; the figure may change.",
            },
            "lines": list(self.lines),
            "figures": [],
            "readings": [],
            "acknowledged": acknowledged and acknowledged.described(),
            "missing": self.hole.model_dump(),
        }


class AlreadySettled(Refused):
    """Vấn đề này đã được xử lý.

    This issue has been settled already.
    """


def spans(source: str, numbers: Iterable[int]) -> list[Hole]:
    """Return missing numbers as holes of neighbours."""
    found: list[Hole] = []
    for number in sorted(numbers):
        if found and found[-1].last == number - 1:
            found[-1] = Hole(origin=source, first=found[-1].first, last=number)
        else:
            found.append(Hole(origin=source, first=number, last=number))
    return found


def issue_of(hole: Hole) -> UUID:
    """Return the id of a hole's issue: the same hole is one issue, however often it is seen and however it grows."""
    return uuid5(NAMESPACE_URL, f"urn:chungcu:hole:{hole.origin}:{hole.first}")


def raise_hole(hole: Hole, lines: Sequence[str], on: date) -> DataQualityIssueRaised:
    """Decide that a hole is an issue on every line that its source may touch."""
    return DataQualityIssueRaised(
        subject=str(issue_of(hole)),
        unit=WHOLE,
        on=on,
        rule=HOLE,
        severity=Severity.WARN,
        lines=tuple(lines),
        hole=hole,
    )


def resolve(issue: Issue, on: date) -> DataQualityIssueResolved:
    """Decide that an issue is over."""
    return DataQualityIssueResolved(subject=str(issue.id), unit=issue.unit, on=on, rule=issue.rule)


def acknowledge(issue: Issue | None, reason: str, on: date) -> DataQualityIssueAcknowledged:
    """Decide that an issue was seen by somebody answerable."""
    if issue is None:
        raise NotFound
    if issue.resolved or issue.acknowledged:
        raise AlreadySettled
    return DataQualityIssueAcknowledged(subject=str(issue.id), unit=issue.unit, on=on, reason=reason)
