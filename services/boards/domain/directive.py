"""Decides about directives (kết luận, chỉ đạo): who has to do what, and how far each unit has come."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import DirectiveIssued, DirectiveProgressed, Text, UnitId
from shared.events.boards import Assignee, Progress
from shared.registers.domain import UnitNotYetKnown


class IssueDirective(AskedOn):
    """Ask to record a directive; where the paper names nobody or no deadline, nobody and none are named here."""

    directive_id: UUID
    unit: UnitId
    conference: UUID | None = None
    number: Annotated[int, Field(ge=1, le=1000)]
    title: Text
    assignees: tuple[Assignee, ...] = ()
    due: date | None = None


class RecordProgress(AskedOn):
    """Ask to record how far a unit has come with a directive."""

    by_unit: UnitId
    progress: Progress


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to issue a directive; `unknown` are the assignees' units that are not in force that day."""

    exists: bool
    unit: str | None
    unknown: frozenset[str]
    conference_held: date | None
    number_taken: bool


@dataclass(frozen=True, slots=True)
class Step:
    """How far a unit has come, and since when."""

    progress: Progress
    since: date


@dataclass(frozen=True, slots=True)
class Directive:
    """What must be known of a directive to move one unit on: whether that unit was assigned, and its last step."""

    id: UUID
    unit: str
    issued: date
    assigned: bool
    last: Step | None


class DirectiveAlreadyIssued(Refused):
    """Chỉ đạo này đã được ghi nhận.

    This directive has been recorded already.
    """


class ConferenceNotYetKnown(Refused):
    """Chưa biết hội nghị này, hoặc hội nghị ngoài phạm vi của bạn.

    This conference is not known yet, or it is outside your scope.
    """

    retry_after = 1


class BeforeItsConference(Refused):
    """Ngày này trước ngày hội nghị đã kết luận.

    That day lies before the conference that came to this conclusion.
    """


class DirectiveNumberTaken(Refused):
    """Hội nghị đã có chỉ đạo mang số này.

    The conference has a directive of this number.
    """


class AssignedTwice(Refused):
    """Mỗi cơ quan của một đơn vị chỉ được giao một lần.

    Each body of a unit is assigned once.
    """

    status = 422


class DueBeforeItWasIssued(Refused):
    """Thời hạn trước ngày ban hành.

    The deadline lies before the day of issue.
    """

    status = 422


class NotAssigned(Refused):
    """Đơn vị này không được giao thực hiện chỉ đạo.

    This unit was not assigned to carry the directive out.
    """


class BeforeTheDirective(Refused):
    """Ngày này trước ngày ban hành chỉ đạo.

    That day lies before the directive was issued.
    """


class NotForward(Refused):
    """Tiến độ chỉ đi tới; chỉ việc đã báo cáo hoàn thành mới có thể bị trả lại để làm tiếp.

    Progress goes forward only; none but what was reported done may be sent back to be worked on.
    """


def issue(ground: Ground, asked: IssueDirective) -> DirectiveIssued:
    """Decide that a directive was issued; its number is its own within its conference."""
    if ground.exists:
        raise DirectiveAlreadyIssued
    if ground.unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if ground.unknown:
        raise UnitNotYetKnown(pointer="/assignees", unknown=sorted(ground.unknown))
    if asked.conference is not None:
        _check_conference(ground, asked.on)
    if len(set(asked.assignees)) < len(asked.assignees):
        raise AssignedTwice(pointer="/assignees")
    if asked.due is not None and asked.due < asked.on:
        raise DueBeforeItWasIssued(pointer="/due")
    return DirectiveIssued(
        subject=str(asked.directive_id),
        unit=ground.unit,
        on=asked.on,
        conference=asked.conference,
        number=asked.number,
        title=asked.title,
        assignees=asked.assignees,
        due=asked.due,
    )


def _check_conference(ground: Ground, on: date) -> None:
    if ground.conference_held is None:
        raise ConferenceNotYetKnown(pointer="/conference")
    if on < ground.conference_held:
        raise BeforeItsConference(pointer="/on", held=ground.conference_held.isoformat())
    if ground.number_taken:
        raise DirectiveNumberTaken(pointer="/number")


def progress(directive: Directive | None, asked: RecordProgress) -> DirectiveProgressed:
    """Decide that a unit has come so far with a directive; what it reported done may be sent back to it."""
    if directive is None:
        raise NotFound
    if not directive.assigned:
        raise NotAssigned(pointer="/by_unit")
    if asked.on < directive.issued:
        raise BeforeTheDirective(pointer="/on", issued=directive.issued.isoformat())
    if directive.last is not None and not _follows(directive.last, asked):
        raise NotForward(progress=directive.last.progress, since=directive.last.since.isoformat())
    return DirectiveProgressed(
        subject=str(directive.id), unit=directive.unit, on=asked.on, by_unit=asked.by_unit, progress=asked.progress
    )


def _follows(last: Step, asked: RecordProgress) -> bool:
    steps = list(Progress)
    further = steps.index(asked.progress) > steps.index(last.progress)
    sent_back = (last.progress, asked.progress) == (Progress.REPORTED_DONE, Progress.IN_PROGRESS)
    return asked.on >= last.since and (further or sent_back)
