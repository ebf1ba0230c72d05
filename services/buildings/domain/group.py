"""Decides about residential groups (tổ dân phố)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.buildings.domain.unit import Unit, ward
from shared.errors import NotFound, Refused
from shared.events import ResidentialGroupDissolved, ResidentialGroupFormed


@dataclass(frozen=True, slots=True)
class Group:
    """What must be known of a residential group: where it is and its days."""

    id: UUID
    unit: str
    formed: date
    dissolved: date | None

    def active(self, on: date) -> bool:
        """Tell whether the group exists on a day."""
        return self.formed <= on and (self.dissolved is None or on < self.dissolved)


class GroupAlreadyFormed(Refused):
    """Tổ dân phố này đã có.

    This residential group exists already.
    """


class NumberTaken(Refused):
    """Trong phường đã có tổ dân phố mang số này.

    The ward has a residential group of this number.
    """


class GroupNotYetKnown(Refused):
    """Chưa biết tổ dân phố này.

    This residential group is not known yet.
    """

    retry_after = 1


class StillLinked(Refused):
    """Còn tòa nhà thuộc tổ dân phố này; hãy ghi nhận tòa nhà rời tổ trước.

    Buildings still belong to this residential group; record first that they left it.
    """


class GroupNotActive(Refused):
    """Tổ dân phố này không tồn tại vào ngày đó.

    This residential group did not exist on that day.
    """


def form(
    *, exists: bool, number_taken: bool, unit: Unit | None, group: UUID, number: str, on: date
) -> ResidentialGroupFormed:
    """Decide that a group is formed in a ward, under a number no other living group there has."""
    if exists:
        raise GroupAlreadyFormed
    if number_taken:
        raise NumberTaken(pointer="/number")
    where = ward(unit, on)
    return ResidentialGroupFormed(subject=str(group), unit=where.path, on=on, ward=where.id, number=number)


def dissolve(group: Group | None, linked: tuple[UUID, ...], on: date) -> ResidentialGroupDissolved:
    """Decide that a group ends: this day is the first without it, and no building belongs to it any more."""
    if group is None:
        raise NotFound
    if linked:
        raise StillLinked(buildings=sorted(map(str, linked)))
    if not group.active(on) or on == group.formed:
        raise GroupNotActive(on=on.isoformat())
    return ResidentialGroupDissolved(subject=str(group.id), unit=group.unit, on=on)
