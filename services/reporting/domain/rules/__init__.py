"""Looks for what does not fit in the figures of a report; says it with its arithmetic, and never corrects anything."""

from collections.abc import Mapping, Sequence

from services.reporting.domain.finding import Finding
from services.reporting.domain.indicator import Indicator, ReportForm
from services.reporting.domain.known import Known, Line
from services.reporting.domain.rules import cells, claims, programme, registers, sums
from services.reporting.domain.rules.given import Given

RULES = {
    "DQ-01": sums.part_exceeds_whole,
    "DQ-02": sums.parts_do_not_add_up,
    "DQ-03": sums.parts_exceed_another_measure,
    "DQ-04": claims.one_label_two_numbers,
    "DQ-05": sums.sum_by_chance,
    "DQ-06": claims.without_base,
    "DQ-07": claims.called_otherwise,
    "DQ-08": claims.declared_otherwise_than_computed,
    "DQ-09": claims.claim_without_baseline,
    "DQ-10": registers.zero_not_known,
    "DQ-11": programme.nobody_or_no_day,
    "DQ-12": programme.units_not_in_force,
    "DQ-13": cells.small_cells,
    "DQ-16": registers.not_confirmed,
}
"""Rules over what is known of a report. DQ-15, a hole in what was heard, is found where events are missed.

DQ-14, the same person under two names, would need to know who people are, and reporting does not.
"""

__all__ = ["RULES", "Given", "findings"]


def findings(
    form: ReportForm, indicators: Mapping[str, Indicator], known: Known, lines: Sequence[Line]
) -> list[Finding]:
    """Return what does not fit, by rule; `lines` are those that were counted."""
    given = Given(form, indicators, known, lines)
    return [found for rule in RULES.values() for found in rule(given)]
