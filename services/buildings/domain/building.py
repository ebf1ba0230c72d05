"""Decides about apartment buildings: their register, their use, their ward, their residential groups."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.buildings.domain.group import Group, GroupNotActive, GroupNotYetKnown
from services.buildings.domain.unit import Unit, ward
from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import (
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingRegistered,
    BuildingTakenOutOfUse,
    BuildingUnlinkedFromResidentialGroup,
    Text,
    UnitId,
)
from shared.events.buildings import Owners


class RegisterBuilding(AskedOn):
    """Ask to register a building: its facts, and the ward it lies in from that day."""

    building_id: UUID
    ward: UnitId
    name: Text
    address: Text
    blocks: Annotated[int, Field(ge=1, le=200)]
    storeys: Annotated[int, Field(ge=2, le=150)]
    apartments: Annotated[int, Field(ge=0, le=50_000)]
    lift: bool
    built_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    owners: Owners


@dataclass(frozen=True, slots=True)
class Building:
    """What must be known of a building to change it: where it lies on the day asked, since when, and its last use."""

    id: UUID
    unit: str
    ward: str
    registered: date
    placed: date
    used_from: date | None
    used_until: date | None

    @property
    def in_use(self) -> bool:
        """Tell whether the building is in use and no end of it is known."""
        return self.used_from is not None and self.used_until is None


@dataclass(frozen=True, slots=True)
class Link:
    """When a building came to belong to a residential group, and when it left it, if it did."""

    from_day: date
    until_day: date | None


class BuildingAlreadyRegistered(Refused):
    """Tòa nhà này đã có trong sổ.

    This building is in the register already.
    """


class Namesake(Refused):
    """Trong phường đã có tòa nhà cùng tên và địa chỉ.

    The ward has a building of the same name and address.
    """


class BeforeItsRegistration(Refused):
    """Ngày này trước ngày tòa nhà vào sổ.

    That day lies before the building entered the register.
    """


class AlreadyInUse(Refused):
    """Tòa nhà đang được sử dụng.

    The building is in use.
    """


class NotInUse(Refused):
    """Tòa nhà không được sử dụng vào ngày đó.

    The building was not in use on that day.
    """


class AlreadyInThisWard(Refused):
    """Tòa nhà đã thuộc phường này.

    The building lies in this ward already.
    """


class MovedSince(Refused):
    """Tòa nhà đã được chuyển phường sau ngày này.

    The building has been assigned anew on or after that day.
    """


class AlreadyLinked(Refused):
    """Tòa nhà đã thuộc tổ dân phố này.

    The building belongs to this residential group already.
    """


class NotLinked(Refused):
    """Tòa nhà không thuộc tổ dân phố này vào ngày đó.

    The building did not belong to this residential group on that day.
    """


def register(*, exists: bool, namesake: bool, unit: Unit | None, asked: RegisterBuilding) -> BuildingRegistered:
    """Decide that a building enters the register; name and address together are its own within the ward."""
    if exists:
        raise BuildingAlreadyRegistered
    if namesake:
        raise Namesake(pointer="/name")
    where = ward(unit, asked.on)
    facts = asked.model_dump(exclude={"building_id", "on", "ward", "document", "takeover"})
    return BuildingRegistered(subject=str(asked.building_id), unit=where.path, on=asked.on, ward=where.id, **facts)


def put_in_use(building: Building | None, on: date) -> BuildingPutInUse:
    """Decide that a building is in use from a day."""
    known = _registered(building, on)
    if known.in_use or (known.used_until is not None and on < known.used_until):
        raise AlreadyInUse
    return BuildingPutInUse(subject=str(known.id), unit=known.unit, on=on)


def take_out_of_use(building: Building | None, on: date) -> BuildingTakenOutOfUse:
    """Decide that a building is no longer in use: this day is the first without it."""
    known = _registered(building, on)
    if not known.in_use or (known.used_from is not None and on <= known.used_from):
        raise NotInUse(on=on.isoformat())
    return BuildingTakenOutOfUse(subject=str(known.id), unit=known.unit, on=on)


def assign(building: Building | None, unit: Unit | None, on: date) -> BuildingAssignedToUnit:
    """Decide that a building belongs to another ward from a day."""
    known = _registered(building, on)
    where = ward(unit, on)
    if known.ward == where.id:
        raise AlreadyInThisWard
    if on <= known.placed:
        raise MovedSince(placed=known.placed.isoformat())
    return BuildingAssignedToUnit(subject=str(known.id), unit=where.path, on=on, ward=where.id)


def link(
    building: Building | None, group: Group | None, linked: Link | None, on: date
) -> BuildingLinkedToResidentialGroup:
    """Decide that people of a building belong to a residential group from a day."""
    known = _registered(building, on)
    if group is None:
        raise GroupNotYetKnown(pointer="/group")
    if not group.active(on):
        raise GroupNotActive(pointer="/group", on=on.isoformat())
    if linked is not None and (linked.until_day is None or on < linked.until_day):
        raise AlreadyLinked
    return BuildingLinkedToResidentialGroup(subject=str(known.id), unit=known.unit, on=on, group=group.id)


def unlink(
    building: Building | None, group: UUID, linked: Link | None, on: date
) -> BuildingUnlinkedFromResidentialGroup:
    """Decide that a building no longer belongs to a residential group."""
    known = _registered(building, on)
    if linked is None or linked.until_day is not None or on <= linked.from_day:
        raise NotLinked(on=on.isoformat())
    return BuildingUnlinkedFromResidentialGroup(subject=str(known.id), unit=known.unit, on=on, group=group)


def _registered(building: Building | None, on: date) -> Building:
    if building is None:
        raise NotFound
    if on < building.registered:
        raise BeforeItsRegistration(pointer="/on", registered=building.registered.isoformat())
    return building
