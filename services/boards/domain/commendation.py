"""Decides about commendations (khen thưởng); nobody is named."""

from uuid import UUID

from shared.caller import AskedByDecision
from shared.errors import Refused
from shared.events import CommendationDecided, UnitId
from shared.events.boards import Recipient
from shared.registers.domain import UnitNotYetKnown


class RecordCommendation(AskedByDecision):
    """Ask to record that a unit commended a collective or an individual by a decision."""

    commendation_id: UUID
    unit: UnitId
    recipient: Recipient


class CommendationAlreadyRecorded(Refused):
    """Khen thưởng này đã được ghi nhận.

    This commendation has been recorded already.
    """


def decide(*, exists: bool, unit: str | None, asked: RecordCommendation) -> CommendationDecided:
    """Decide that somebody was commended; `unit` is the path of the unit on the date of the decision."""
    if exists:
        raise CommendationAlreadyRecorded
    if unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    return CommendationDecided(
        subject=str(asked.commendation_id),
        unit=unit,
        on=asked.decision.date,
        recipient=asked.recipient,
        decision=asked.decision,
    )
