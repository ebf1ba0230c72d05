"""Decides about conflicts among people of a building, or of a ward where no building is named."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.boards.domain.petition import PlaceNotYetKnown
from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import ConflictRecorded, ConflictSettled, UnitId
from shared.events.boards import ConflictTopic, Parties, SettledBy


class RecordConflict(AskedOn):
    """Ask to record that a conflict came up: in a building, or else somewhere in a unit."""

    conflict_id: UUID
    topic: ConflictTopic
    parties: Parties
    building: UUID | None = None
    unit: UnitId | None = None


class SettleConflict(AskedOn):
    """Ask to record that a conflict came to its end."""

    settled_by: SettledBy


@dataclass(frozen=True, slots=True)
class Conflict:
    """What must be known of a conflict to settle it."""

    id: UUID
    unit: str
    recorded: date
    settled: date | None


class ConflictAlreadyRecorded(Refused):
    """Mâu thuẫn này đã được ghi nhận.

    This conflict has been recorded already.
    """


class ConflictNeedsAPlace(Refused):
    """Nêu tòa nhà, hoặc phường nếu mâu thuẫn không ở trong một tòa nhà.

    Name the building, or the ward where the conflict is in no building.
    """

    status = 422


class ConflictAlreadySettled(Refused):
    """Mâu thuẫn này đã được giải quyết.

    This conflict has been settled already.
    """


class BeforeItCameUp(Refused):
    """Ngày này trước ngày phát sinh mâu thuẫn.

    That day lies before the conflict came up.
    """


def record(*, exists: bool, unit: str | None, asked: RecordConflict) -> ConflictRecorded:
    """Decide that a conflict came up; `unit` is the path of its building's ward, or its ward, on that day."""
    if exists:
        raise ConflictAlreadyRecorded
    if (asked.building is None) == (asked.unit is None):
        raise ConflictNeedsAPlace(pointer="/building")
    if unit is None:
        raise PlaceNotYetKnown(pointer="/building" if asked.building else "/unit")
    return ConflictRecorded(
        subject=str(asked.conflict_id),
        unit=unit,
        on=asked.on,
        building=asked.building,
        topic=asked.topic,
        parties=asked.parties,
    )


def settle(conflict: Conflict | None, asked: SettleConflict) -> ConflictSettled:
    """Decide that a conflict came to its end."""
    if conflict is None:
        raise NotFound
    if conflict.settled is not None:
        raise ConflictAlreadySettled(settled=conflict.settled.isoformat())
    if asked.on < conflict.recorded:
        raise BeforeItCameUp(pointer="/on", recorded=conflict.recorded.isoformat())
    return ConflictSettled(subject=str(conflict.id), unit=conflict.unit, on=asked.on, settled_by=asked.settled_by)
