"""Decides about inspections (kiểm tra) of buildings."""

from datetime import date
from uuid import UUID

from services.buildings.domain.building import BeforeItsRegistration, Building
from shared.caller import AskedOn
from shared.errors import Refused
from shared.events import InspectionConducted
from shared.events.buildings import InspectionTopic


class RecordInspection(AskedOn):
    """Ask to record that a building was inspected."""

    inspection_id: UUID
    building: UUID
    topic: InspectionTopic


class InspectionAlreadyRecorded(Refused):
    """Lần kiểm tra này đã được ghi nhận.

    This inspection has been recorded already.
    """


class BuildingNotYetKnown(Refused):
    """Chưa biết tòa nhà này, hoặc tòa nhà ngoài phạm vi của bạn.

    This building is not known yet, or it is outside your scope.
    """

    retry_after = 1


def conduct(*, exists: bool, building: Building | None, asked: RecordInspection) -> InspectionConducted:
    """Decide that a building was inspected; it is told where the building lies that day."""
    if exists:
        raise InspectionAlreadyRecorded
    known = in_the_register(building, asked.on)
    return InspectionConducted(
        subject=str(asked.inspection_id), unit=known.unit, on=asked.on, building=known.id, topic=asked.topic
    )


def in_the_register(building: Building | None, on: date) -> Building:
    """Return the building that is spoken of, if it was in the register that day, or refuse."""
    if building is None:
        raise BuildingNotYetKnown(pointer="/building")
    if on < building.registered:
        raise BeforeItsRegistration(pointer="/on", registered=building.registered.isoformat())
    return building
