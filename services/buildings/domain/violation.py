"""Decides about violations: put on record (lập biên bản), decided upon, put right (khắc phục)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.buildings.domain.building import Building
from services.buildings.domain.inspection import in_the_register
from shared.caller import AskedByDecision, AskedOn
from shared.errors import NotFound, Refused
from shared.events import ViolationDecided, ViolationRecorded, ViolationRemedied
from shared.events.buildings import ViolationCode


class RecordViolation(AskedOn):
    """Ask to put a violation on record, found by an inspection of the building when one is named."""

    violation_id: UUID
    building: UUID
    inspection: UUID | None = None
    code: ViolationCode


class DecideViolation(AskedByDecision):
    """Ask to record what the authority decided."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What must be known of a violation to decide upon it, or to say that it was put right."""

    id: UUID
    unit: str
    recorded: date
    decided: date | None
    remedied: date | None


class ViolationAlreadyRecorded(Refused):
    """Vi phạm này đã được lập biên bản.

    This violation has been put on record already.
    """


class InspectionNotYetKnown(Refused):
    """Chưa biết lần kiểm tra này của tòa nhà.

    This inspection of the building is not known yet.
    """

    retry_after = 1


class BeforeItsInspection(Refused):
    """Ngày này trước ngày kiểm tra.

    That day lies before the inspection.
    """


class BeforeItWasPutOnRecord(Refused):
    """Ngày này trước ngày lập biên bản.

    That day lies before the violation was put on record.
    """


class ViolationAlreadyDecided(Refused):
    """Vi phạm này đã có quyết định xử lý.

    This violation has been decided upon already.
    """


class AlreadyRemedied(Refused):
    """Vi phạm này đã được khắc phục.

    What this violation had done has been put right already.
    """


def record(
    *, exists: bool, building: Building | None, inspected: date | None, asked: RecordViolation
) -> ViolationRecorded:
    """Decide that a violation was put on record; `inspected` is the day of the inspection that it names."""
    if exists:
        raise ViolationAlreadyRecorded
    known = in_the_register(building, asked.on)
    if asked.inspection is not None:
        if inspected is None:
            raise InspectionNotYetKnown(pointer="/inspection")
        if asked.on < inspected:
            raise BeforeItsInspection(pointer="/on", inspected=inspected.isoformat())
    return ViolationRecorded(
        subject=str(asked.violation_id),
        unit=known.unit,
        on=asked.on,
        building=known.id,
        inspection=asked.inspection,
        code=asked.code,
    )


def decide(violation: Violation | None, asked: DecideViolation) -> ViolationDecided:
    """Decide that the authority decided what follows, on the date of its decision."""
    known = _on_record(violation, asked.decision.date, "/decision/date")
    if known.decided is not None:
        raise ViolationAlreadyDecided(decided=known.decided.isoformat())
    return ViolationDecided(subject=str(known.id), unit=known.unit, on=asked.decision.date, decision=asked.decision)


def remedy(violation: Violation | None, on: date) -> ViolationRemedied:
    """Decide that what a violation had done was put right, decided upon or not."""
    known = _on_record(violation, on, "/on")
    if known.remedied is not None:
        raise AlreadyRemedied(remedied=known.remedied.isoformat())
    return ViolationRemedied(subject=str(known.id), unit=known.unit, on=on)


def _on_record(violation: Violation | None, on: date, pointer: str) -> Violation:
    if violation is None:
        raise NotFound
    if on < violation.recorded:
        raise BeforeItWasPutOnRecord(pointer=pointer, recorded=violation.recorded.isoformat())
    return violation
