"""What rules look at: what was declared for a report, and its lines as they were counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.reporting.domain.finding import Finding, compared
from services.reporting.domain.indicator import Indicator, ReportForm, Words
from services.reporting.domain.known import Known, Line
from shared.events.reporting import Reading, Severity


@dataclass(frozen=True, slots=True)
class Given:
    """A report's form, what is known, and its lines."""

    form: ReportForm
    indicators: Mapping[str, Indicator]
    known: Known
    lines: Sequence[Line] = ()

    @property
    def scope(self) -> str:
        """Return what makes findings of the same rule and lines the same: the declared period, or what was asked."""
        known = self.known
        if known.declared:
            return known.declared.code
        return f"{self.form.code}:{known.unit.path}:{known.period.begin}:{known.period.end}"

    def value(self, code: str) -> int | None:
        """Return what was declared of a line."""
        said = self.known.declarations.get(code)
        return said.value if said else None

    def values(self, *codes: str) -> list[int] | None:
        """Return what was declared of lines, or nothing where one of them is missing."""
        found = [value for code in codes if (value := self.value(code)) is not None]
        return found if len(found) == len(codes) else None

    def finding(
        self,
        rule: str,
        severity: Severity,
        message: Words,
        lines: Iterable[str],
        figures: Iterable[tuple[str, int]] = (),
        *,
        readings: Iterable[Words] = (),
        told: bool = True,
        about: str = "",
        **more: Any,
    ) -> Finding:
        """Return what a rule found."""
        return Finding(
            rule,
            self.scope,
            severity,
            message,
            tuple(lines),
            compared(figures),
            tuple(Reading(vi=one.vi, en=one.en) for one in readings),
            told,
            about,
            more,
        )


def summed(codes: Sequence[str], values: Sequence[int]) -> str:
    """Write a sum: `LB-08 + LB-09 = 43 + 29 = 72`."""
    return f"{' + '.join(codes)} = {' + '.join(map(str, values))} = {sum(values)}"
