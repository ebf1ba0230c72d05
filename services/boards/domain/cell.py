"""Decides for which residential groups a party cell (chi bộ) answers; of its members nothing is known here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.boards.domain import group
from services.boards.domain.group import Group
from shared.caller import AskedOn
from shared.errors import Refused
from shared.events import PartyCellLinked, PartyCellUnlinked


class LinkCell(AskedOn):
    """Ask to record that a cell answers, or no longer answers, for a residential group from a day."""

    group: UUID


@dataclass(frozen=True, slots=True)
class Link:
    """From which day a cell answered for a group, and from which day no longer, if it ended."""

    from_day: date
    until_day: date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What must be known of a cell: its last link with the group asked about, and the wards of its other links."""

    id: UUID
    linked: Link | None
    wards: frozenset[str]


class CellAlreadyLinked(Refused):
    """Chi bộ đã phụ trách tổ dân phố này.

    The cell answers for this residential group already.
    """


class CellNotLinked(Refused):
    """Chi bộ không phụ trách tổ dân phố này vào ngày đó.

    The cell did not answer for this residential group on that day.
    """


class CellOfAnotherWard(Refused):
    """Chi bộ đang phụ trách tổ dân phố của phường khác.

    The cell answers for residential groups of another ward.
    """


def link(cell: Cell, groups: Mapping[UUID, Group], asked: LinkCell) -> PartyCellLinked:
    """Decide that a cell answers for a residential group; all its groups lie in one ward."""
    (one,) = group.active(groups, (asked.group,), asked.on, "/group")
    if cell.linked is not None and (cell.linked.until_day is None or asked.on < cell.linked.until_day):
        raise CellAlreadyLinked(pointer="/group")
    if cell.wards - {one.unit}:
        raise CellOfAnotherWard(pointer="/group")
    return PartyCellLinked(subject=str(cell.id), unit=one.unit, on=asked.on, group=one.id)


def unlink(cell: Cell, groups: Mapping[UUID, Group], asked: LinkCell) -> PartyCellUnlinked:
    """Decide that a cell no longer answers for a residential group: that day is the first without."""
    (one,) = group.known(groups, (asked.group,), "/group")
    if cell.linked is None or cell.linked.until_day is not None or asked.on <= cell.linked.from_day:
        raise CellNotLinked(pointer="/group")
    return PartyCellUnlinked(subject=str(cell.id), unit=one.unit, on=asked.on, group=one.id)
