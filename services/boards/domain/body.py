"""Decides which bodies a residential group has: its head, its Front committee, its associations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.boards.domain import group
from services.boards.domain.group import Group
from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import GroupBodyEnded, GroupBodyEstablished
from shared.events.boards import GroupBody


class EstablishBody(AskedOn):
    """Ask to record that a residential group has a body from a day."""

    body_id: UUID
    group: UUID
    body: GroupBody


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to establish a body; `taken` when the group has one of the kind, on that day or later."""

    exists: bool
    taken: bool
    groups: Mapping[UUID, Group]


@dataclass(frozen=True, slots=True)
class Body:
    """What must be known of a body to end it."""

    id: UUID
    unit: str
    established: date
    ended: date | None


class BodyAlreadyEstablished(Refused):
    """Tổ chức này của tổ dân phố đã được ghi nhận.

    This body has been recorded already.
    """


class GroupHasOne(Refused):
    """Tổ dân phố đã có tổ chức loại này.

    The residential group has a body of this kind already.
    """


class BodyAlreadyEnded(Refused):
    """Tổ chức này của tổ dân phố đã kết thúc.

    This body has ended already.
    """


class BeforeItWasEstablished(Refused):
    """Ngày này không sau ngày thành lập tổ chức.

    That day is not after the body was established.
    """


def establish(ground: Ground, asked: EstablishBody) -> GroupBodyEstablished:
    """Decide that a residential group has a body; of each kind it has one at a time."""
    if ground.exists:
        raise BodyAlreadyEstablished
    (one,) = group.active(ground.groups, (asked.group,), asked.on, "/group")
    if ground.taken:
        raise GroupHasOne(pointer="/body")
    return GroupBodyEstablished(subject=str(asked.body_id), unit=one.unit, on=asked.on, group=one.id, body=asked.body)


def end(body: Body | None, asked: AskedOn) -> GroupBodyEnded:
    """Decide that a residential group lacks the body: that day is the first without."""
    if body is None:
        raise NotFound
    if body.ended is not None:
        raise BodyAlreadyEnded(ended=body.ended.isoformat())
    if asked.on <= body.established:
        raise BeforeItWasEstablished(pointer="/on", established=body.established.isoformat())
    return GroupBodyEnded(subject=str(body.id), unit=body.unit, on=asked.on)
