"""Decides when a committee member is in charge of a ward; who that is, nobody says here."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import SupervisionAssigned, SupervisionEnded, UnitId


class AssignSupervision(AskedOn):
    """Ask to record that a committee member took charge of a ward."""

    supervision_id: UUID
    ward: UnitId


@dataclass(frozen=True, slots=True)
class Supervision:
    """What must be known of a supervision to end it."""

    id: UUID
    unit: str
    assigned: date
    ended: date | None


class SupervisionAlreadyAssigned(Refused):
    """Việc phân công này đã được ghi nhận.

    This assignment has been recorded already.
    """


class WardNotYetKnown(Refused):
    """Chưa biết phường này vào ngày đó.

    This ward is not known on that day yet.
    """

    retry_after = 1


class SupervisionAlreadyEnded(Refused):
    """Việc phân công này đã kết thúc.

    This assignment has ended already.
    """


class BeforeItWasAssigned(Refused):
    """Ngày này không sau ngày phân công.

    That day is not after the assignment.
    """


def assign(*, exists: bool, unit: str | None, asked: AssignSupervision) -> SupervisionAssigned:
    """Decide that somebody took charge of a ward; `unit` is its path on that day."""
    if exists:
        raise SupervisionAlreadyAssigned
    if unit is None:
        raise WardNotYetKnown(pointer="/ward")
    return SupervisionAssigned(subject=str(asked.supervision_id), unit=unit, on=asked.on)


def end(supervision: Supervision | None, asked: AskedOn) -> SupervisionEnded:
    """Decide that somebody is no longer in charge of a ward: that day is the first without."""
    if supervision is None:
        raise NotFound
    if supervision.ended is not None:
        raise SupervisionAlreadyEnded(ended=supervision.ended.isoformat())
    if asked.on <= supervision.assigned:
        raise BeforeItWasAssigned(pointer="/on", assigned=supervision.assigned.isoformat())
    return SupervisionEnded(subject=str(supervision.id), unit=supervision.unit, on=asked.on)
