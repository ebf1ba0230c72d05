"""Legal numbers and working days as dated data: a record is judged by the law of its own date, never by a constant."""

from shared.law.calendar import (
    DayOff,
    Decision,
    OutsideCalendar,
    Status,
    WorkingYear,
    add_days,
    add_working_days,
    calendar_version,
    covered,
    next_working,
    working,
    working_year,
)
from shared.law.parameters import NotInForce, Parameter, Unconfirmed, Unit, holds, number, parameter, parameters, word
from shared.law.terms import report_period, smallest_board, term_end

__all__ = [
    "DayOff",
    "Decision",
    "NotInForce",
    "OutsideCalendar",
    "Parameter",
    "Status",
    "Unconfirmed",
    "Unit",
    "WorkingYear",
    "add_days",
    "add_working_days",
    "calendar_version",
    "covered",
    "holds",
    "next_working",
    "number",
    "parameter",
    "parameters",
    "report_period",
    "smallest_board",
    "term_end",
    "word",
    "working",
    "working_year",
]
