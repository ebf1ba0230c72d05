"""Facts about places: administrative units, residential groups (tổ dân phố) and apartment buildings."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.events import registers
from shared.events.base import Document, Event, Text, UnitId, Value


class UnitKind(StrEnum):
    """Levels of administration; districts ended on 30 June 2025 (Resolution 1656/NQ-UBTVQH15)."""

    CITY = "CITY"
    DISTRICT = "DISTRICT"
    WARD = "WARD"
    COMMUNE = "COMMUNE"


class Succession(StrEnum):
    """How a closed unit passed into another."""

    MERGE = "MERGE"
    SPLIT = "SPLIT"
    BOUNDARY = "BOUNDARY"
    ABOLISH = "ABOLISH"


class Successor(Value):
    """A unit that took over a closed one; `whole` when it took all of it."""

    unit_id: UnitId
    kind: Succession
    whole: bool


class Owners(StrEnum):
    """Who owns a building: the duty to have a board depends on it (Housing Law 27/2023/QH15, art. 146)."""

    SINGLE = "SINGLE"
    MULTIPLE = "MULTIPLE"


class Place(StrEnum):
    """What a liaison is named for."""

    UNIT = "UNIT"
    GROUP = "GROUP"


class InspectionTopic(StrEnum):
    """What an inspection (kiểm tra) looked at; the structure is another matter (kiểm định)."""

    OPERATION = "OPERATION"
    FIRE_SAFETY = "FIRE_SAFETY"
    CONSTRUCTION_ORDER = "CONSTRUCTION_ORDER"
    MAINTENANCE_FUND = "MAINTENANCE_FUND"
    COMMON_PARTS = "COMMON_PARTS"


class ViolationCode(StrEnum):
    """Acts that the Housing Law 27/2023/QH15 forbids in apartment buildings (art. 3(8))."""

    FUND = "FUND"
    NUISANCE = "NUISANCE"
    CHANGE_USE = "CHANGE_USE"
    OCCUPY_COMMON = "OCCUPY_COMMON"
    FIRE_ORDER = "FIRE_ORDER"
    BANNED_BUSINESS = "BANNED_BUSINESS"


class UnitEstablished(Event):
    """An administrative unit (đơn vị hành chính) came into being; `since` is null where its first day is not known."""

    name: Text
    kind: UnitKind
    official_code: Text
    parent: UnitId | None
    since: date | None


class UnitClosed(Event):
    """An administrative unit ended the day before, and these took it over."""

    successors: tuple[Successor, ...]


class LiaisonNamed(Event):
    """From this day this person receives what is sent to the unit or group; nobody does when null."""

    place: Place
    person: UUID | None


class ResidentialGroupFormed(Event):
    """A residential group (tổ dân phố) was formed in a ward; its number is unique there only while it lives."""

    ward: UnitId
    number: Text


class ResidentialGroupDissolved(Event):
    """A residential group ended the day before."""


class BuildingRegistered(Event):
    """An apartment building (nhà chung cư) entered the register, in this ward from this day."""

    ward: UnitId
    name: Text
    address: Text
    blocks: Annotated[int, Field(ge=1)]
    storeys: Annotated[int, Field(ge=2, description="Housing Law 27/2023/QH15, art. 2(3)")]
    apartments: Annotated[int, Field(ge=0)]
    lift: bool
    built_year: Annotated[int, Field(ge=1900, le=2100)] | None
    owners: Owners


class BuildingPutInUse(Event):
    """A building was handed over into use."""


class BuildingTakenOutOfUse(Event):
    """A building stopped being in use from this day."""


class BuildingAssignedToUnit(Event):
    """From this day the building belongs to another ward."""

    ward: UnitId


class BuildingLinkedToResidentialGroup(Event):
    """From this day people of the building belong to the group; a building may have several, and they share."""

    group: UUID


class BuildingUnlinkedFromResidentialGroup(Event):
    """From this day the building no longer belongs to the group."""

    group: UUID


class InspectionConducted(Event):
    """A building was inspected (kiểm tra)."""

    building: UUID
    topic: InspectionTopic


class ViolationRecorded(Event):
    """A violation was put on record (lập biên bản), found by this inspection when one is named."""

    building: UUID
    inspection: UUID | None
    code: ViolationCode


class ViolationDecided(Event):
    """The authority decided what follows from a violation."""

    decision: Document


class ViolationRemedied(Event):
    """What a violation had done was put right (khắc phục)."""


class RegisterOpened(registers.RegisterOpened):
    """A unit began to keep a register on this day."""


class RegisterConfirmed(registers.RegisterConfirmed):
    """A unit confirmed that its register is complete through this day, inclusive."""


class TakeoverOpened(registers.TakeoverOpened):
    """A batch was opened to enter old paper: its document and its answerable person are the envelope's."""
