"""What a rule found in the figures of a report: which do not fit, by which arithmetic, and what they may mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from services.reporting.domain.indicator import Words
from services.reporting.domain.issue import Acknowledged, Issue, resolve
from services.reporting.domain.known import DeclaredPeriod
from shared.events import DataQualityIssueRaised, DataQualityIssueResolved
from shared.events.reporting import Compared, Reading, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit; `told` when it is told as an event, else it is only shown."""

    rule: str
    scope: str
    """The code of the declared period, or else the unit and the days asked for."""
    severity: Severity
    message: Words
    lines: tuple[str, ...] = ()
    figures: tuple[Compared, ...] = ()
    readings: tuple[Reading, ...] = ()
    told: bool = True
    about: str = ""
    """What tells two findings on the same lines apart."""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """Return the id of the issue: the same rule on the same lines of the same period is one issue."""
        named = ":".join((self.rule, self.scope, " ".join(self.lines), self.about))
        return uuid5(NAMESPACE_URL, f"urn:chungcu:finding:{named}")

    def described(self, acknowledged: Acknowledged | None) -> dict[str, Any]:
        """Return it as a report shows it; it stands as acknowledged while its figures are those that were."""
        stands = acknowledged is not None and acknowledged.figures == self.figures
        return {
            "id": str(self.id),
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message.model_dump(),
            "lines": list(self.lines),
            "figures": [one.model_dump() for one in self.figures],
            "readings": [one.model_dump() for one in self.readings],
            "acknowledged": acknowledged.described() if acknowledged and stands else None,
            **self.more,
        }


def compared(figures: Iterable[tuple[str, int]]) -> tuple[Compared, ...]:
    """Return lines and what was declared or counted of them."""
    return tuple(Compared(line=line, value=value) for line, value in figures)


def listed(names: Sequence[object]) -> str:
    """Write a list."""
    return ", ".join(map(str, names))


def settle(
    found: Sequence[Finding], standing: Mapping[UUID, Issue], period: DeclaredPeriod, on: date
) -> list[DataQualityIssueRaised | DataQualityIssueResolved]:
    """Decide what is to be told of a period's findings: those that are new or have other figures, and those gone."""
    raised = [
        DataQualityIssueRaised(
            subject=str(one.id),
            unit=period.unit,
            on=on,
            rule=one.rule,
            severity=one.severity,
            lines=one.lines,
            hole=None,
            period=period.code,
            figures=one.figures,
            readings=one.readings,
        )
        for one in found
        if (known := standing.get(one.id)) is None or known.resolved or known.figures != one.figures
    ]
    gone = standing.keys() - {one.id for one in found}
    return [*raised, *(resolve(standing[one], on) for one in sorted(gone) if not standing[one].resolved)]
