"""Decides about tasks that a residential group and a board both claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.boards.domain import group
from services.boards.domain.board import BoardNotThere, NoSuchBoard, Standing
from services.boards.domain.group import Group
from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import OverlapIssueRaised, OverlapIssueResolved
from shared.events.boards import OverlapTopic


class RaiseOverlap(AskedOn):
    """Ask to record that a residential group and a board both claim a task."""

    overlap_id: UUID
    group: UUID
    board: UUID
    topic: OverlapTopic


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to raise an overlap: the two, as far as they are known."""

    exists: bool
    groups: Mapping[UUID, Group]
    board: Standing | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """What must be known of an overlap to resolve it."""

    id: UUID
    unit: str
    raised: date
    resolved: date | None


class OverlapAlreadyRaised(Refused):
    """Việc chồng chéo này đã được ghi nhận.

    This overlap has been recorded already.
    """


class OverlapAlreadyResolved(Refused):
    """Việc chồng chéo này đã được giải quyết.

    This overlap has been resolved already.
    """


class BeforeItWasRaised(Refused):
    """Ngày này trước ngày nêu việc chồng chéo.

    That day lies before the overlap was raised.
    """


def raise_issue(ground: Ground, asked: RaiseOverlap) -> OverlapIssueRaised:
    """Decide that two claim one task; a board whose term has ended still stands, and claims."""
    if ground.exists:
        raise OverlapAlreadyRaised
    (one,) = group.active(ground.groups, (asked.group,), asked.on, "/group")
    if ground.board is None:
        raise NoSuchBoard(pointer="/board")
    if not ground.board.stands:
        raise BoardNotThere(pointer="/board", on=asked.on.isoformat())
    return OverlapIssueRaised(
        subject=str(asked.overlap_id),
        unit=one.unit,
        on=asked.on,
        group=one.id,
        board=asked.board,
        topic=asked.topic,
    )


def resolve(overlap: Overlap | None, asked: AskedOn) -> OverlapIssueResolved:
    """Decide that it was settled which of the two does the task."""
    if overlap is None:
        raise NotFound
    if overlap.resolved is not None:
        raise OverlapAlreadyResolved(resolved=overlap.resolved.isoformat())
    if asked.on < overlap.raised:
        raise BeforeItWasRaised(pointer="/on", raised=overlap.raised.isoformat())
    return OverlapIssueResolved(subject=str(overlap.id), unit=overlap.unit, on=asked.on)
