"""Says which residential groups (tổ dân phố), as others told of them, a fact can be about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.errors import Refused


@dataclass(frozen=True, slots=True)
class Group:
    """What was told of a residential group: the path of its ward, and its days."""

    id: UUID
    unit: str
    formed: date
    dissolved: date | None


class GroupNotYetKnown(Refused):
    """Chưa biết tổ dân phố này.

    This residential group is not known yet.
    """

    retry_after = 1


class GroupNotActive(Refused):
    """Tổ dân phố này không tồn tại vào ngày đó.

    This residential group did not exist on that day.
    """


def known(groups: Mapping[UUID, Group], wanted: Sequence[UUID], pointer: str) -> list[Group]:
    """Return the groups wanted; refuse when one has not been heard of, or is outside the caller's scope."""
    missing = sorted({str(one) for one in wanted if one not in groups})
    if missing:
        raise GroupNotYetKnown(pointer=pointer, missing=missing)
    return [groups[one] for one in wanted]


def active(groups: Mapping[UUID, Group], wanted: Sequence[UUID], on: date, pointer: str) -> list[Group]:
    """Return the groups wanted; refuse when one is not known, or does not exist on that day."""
    found = known(groups, wanted, pointer)
    absent = sorted({str(one.id) for one in found if on < one.formed or (one.dissolved and one.dissolved <= on)})
    if absent:
        raise GroupNotActive(pointer=pointer, on=on.isoformat(), groups=absent)
    return found
