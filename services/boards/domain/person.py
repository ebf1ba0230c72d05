"""Decides about people and their political ties: what is entered in confidence, and that somebody is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from services.boards.domain import group
from services.boards.domain.group import Group
from shared.errors import NotFound, Refused
from shared.events import PersonErased, Text, UnitId
from shared.events.boards import Category
from shared.registers.domain import UnitNotYetKnown


class Purpose(StrEnum):
    """For what somebody looks at or enters a person's data: rà soát, công nhận, yêu cầu của chủ thể, kiểm tra."""

    REVIEW = "REVIEW"
    RECOGNITION = "RECOGNITION"
    SUBJECT_REQUEST = "SUBJECT_REQUEST"
    AUDIT = "AUDIT"


class Office(StrEnum):
    """Offices of the political system of a residential group, and that of the committee member in charge of a ward."""

    CELL_SECRETARY = "CELL_SECRETARY"
    CELL_DEPUTY_SECRETARY = "CELL_DEPUTY_SECRETARY"
    CELL_COMMITTEE_MEMBER = "CELL_COMMITTEE_MEMBER"
    GROUP_HEAD = "GROUP_HEAD"
    GROUP_DEPUTY_HEAD = "GROUP_DEPUTY_HEAD"
    FRONT_COMMITTEE_HEAD = "FRONT_COMMITTEE_HEAD"
    WOMEN_HEAD = "WOMEN_HEAD"
    VETERANS_HEAD = "VETERANS_HEAD"
    ELDERLY_HEAD = "ELDERLY_HEAD"
    YOUTH_SECRETARY = "YOUTH_SECRETARY"
    SECURITY_TEAM_MEMBER = "SECURITY_TEAM_MEMBER"
    COMMITTEE_MEMBER_IN_CHARGE = "COMMITTEE_MEMBER_IN_CHARGE"


class _Sealed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(_Sealed):
    """Who a person is and how to reach them."""

    name: Text
    born: Annotated[int | None, Field(ge=1900, le=2100, description="Year of birth.")] = None
    email: Annotated[str | None, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] = None
    phone: Annotated[str | None, StringConstraints(pattern=r"^\+?[0-9][0-9 .-]{4,19}$")] = None


class PartyMembership(_Sealed):
    """Somebody is a member of a residential party cell, or keeps a tie to one under Regulation 213-QĐ/TW."""

    kind: Literal["PARTY_MEMBERSHIP"]
    tie_id: UUID
    category: Literal[Category.RESIDENT_PARTY_MEMBER, Category.REG_213]
    since: date
    until: Annotated[date | None, Field(description="The first day without it.")] = None


class OfficeHeld(_Sealed):
    """Somebody holds an office; `group` is the residential group where it is one of a group."""

    kind: Literal["OFFICE"]
    tie_id: UUID
    office: Office
    group: UUID | None = None
    since: date
    until: Annotated[date | None, Field(description="The first day without it.")] = None


class Introduction(_Sealed):
    """A ward's committee introduced somebody (giới thiệu) as a candidate for a board, as belonging to categories."""

    kind: Literal["INTRODUCTION"]
    tie_id: UUID
    ward: UnitId
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    on: date


Tie = Annotated[PartyMembership | OfficeHeld | Introduction, Field(discriminator="kind")]
TIE: TypeAdapter[PartyMembership | OfficeHeld | Introduction] = TypeAdapter(Tie)


class Profile(_Sealed):
    """A person's political ties, present and past."""

    ties: tuple[Tie, ...] = ()

    def tie(self, tie_id: UUID) -> PartyMembership | OfficeHeld | Introduction | None:
        """Return a tie by its id."""
        return next((one for one in self.ties if one.tie_id == tie_id), None)


class RecordPerson(Identity):
    """Ask to record who a person is; recorded again, it replaces what was known. The ties stay."""

    person_id: UUID
    unit: UnitId
    purpose: Purpose

    @property
    def identity(self) -> Identity:
        """Return what is to be sealed."""
        return Identity(**self.model_dump(include=set(Identity.model_fields)))


class _ForAPurpose(BaseModel):
    purpose: Purpose

    @property
    def tie(self) -> PartyMembership | OfficeHeld | Introduction:
        """Return what is to be sealed."""
        return TIE.validate_python(self.model_dump(exclude={"purpose"}))


class RecordMembership(PartyMembership, _ForAPurpose):
    """Ask to record a party membership."""


class RecordOffice(OfficeHeld, _ForAPurpose):
    """Ask to record an office."""


class RecordIntroduction(Introduction, _ForAPurpose):
    """Ask to record an introduction."""


RecordTie = Annotated[RecordMembership | RecordOffice | RecordIntroduction, Field(discriminator="kind")]


class WithdrawTie(_Sealed):
    """Ask to take back a tie that was entered by mistake."""

    purpose: Purpose


class EndTie(_Sealed):
    """Ask to record that a membership or an office ended: that day is the first without it."""

    until: date
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to record a person: their unit's path, who kept them before, whether they were erased."""

    unit: str | None
    kept_elsewhere: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class Person:
    """What must be known of a person to change their ties or to forget them.

    `participants` are the names under which restricted facts may have been told.
    """

    id: UUID
    unit: str
    profile: Profile
    participants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TieGround:
    """What must be known to record a tie: the person, and the ward or group it names, in scope and on its day."""

    person: Person | None
    ward: str | None = None
    groups: Mapping[UUID, Group] = field(default_factory=dict)


class PersonWasErased(Refused):
    """Dữ liệu của người này đã được xóa và không ghi lại dưới mã này.

    This person's data were erased and are not recorded again under this id.
    """


class PersonKeptElsewhere(Refused):
    """Hồ sơ người này do đơn vị ngoài phạm vi của bạn quản lý.

    This person is kept by a unit outside your scope.
    """


class ParticipationNotKept(Refused):
    """Hệ thống này không lưu dữ liệu về tham gia của thành viên hệ thống chính trị.

    Political participation is not kept here.
    """


class TooMuchToKeep(Refused):
    """Hồ sơ của người này đã đầy; hãy rút những nội dung ghi nhầm.

    This person's record is full; withdraw what was entered by mistake.
    """


class GroupOfTheOffice(Refused):
    """Chức danh ở tổ dân phố cần nêu tổ dân phố (group); ủy viên phụ trách phường thì không.

    An office in a residential group names its group (group); a committee member in charge of a ward names none.
    """

    status = 422


class TieDiffers(Refused):
    """Mã này đã ghi một nội dung khác.

    Something else was recorded under this id.
    """


class TieEndsBeforeItBegins(Refused):
    """Ngày kết thúc phải sau ngày bắt đầu.

    It ends before it begins.
    """

    status = 422


class TieInTheFuture(Refused):
    """Ngày ghi nhận nằm ở tương lai.

    That day lies in the future.
    """

    status = 422


class IntroductionHasNoEnd(Refused):
    """Việc giới thiệu không có ngày kết thúc; nếu ghi nhầm, hãy rút lại.

    An introduction has no end; if it was entered by mistake, withdraw it.
    """


def record(ground: Ground, asked: RecordPerson) -> tuple[str, Identity]:
    """Decide who a person is; return the path of the unit that keeps them, and what is to be sealed."""
    if ground.unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if ground.erased:
        raise PersonWasErased(pointer="/person_id")
    if ground.kept_elsewhere:
        raise PersonKeptElsewhere(pointer="/person_id")
    return ground.unit, asked.identity


def tie(
    ground: TieGround, asked: RecordMembership | RecordOffice | RecordIntroduction, today: date, *, kept: bool
) -> Profile:
    """Decide that a person has a tie; the same one again changes nothing. `kept`: whether ties are kept here at all."""
    if not kept:
        raise ParticipationNotKept
    if ground.person is None:
        raise NotFound
    profile = ground.person.profile
    if (before := profile.tie(asked.tie_id)) is not None:
        if not _same(before, asked.tie):
            raise TieDiffers(pointer="/tie_id")
        return profile
    if isinstance(asked, RecordIntroduction):
        _check_day(asked.on, today, "/on")
        if ground.ward is None:
            raise UnitNotYetKnown(pointer="/ward")
    else:
        _check_day(asked.since, today, "/since")
        if asked.until is not None and asked.until <= asked.since:
            raise TieEndsBeforeItBegins(pointer="/until")
    if isinstance(asked, RecordOffice):
        if (asked.group is None) != (asked.office is Office.COMMITTEE_MEMBER_IN_CHARGE):
            raise GroupOfTheOffice(pointer="/group")
        group.known(ground.groups, [asked.group] if asked.group else [], "/group")
    return Profile(ties=(*profile.ties, asked.tie))


def end_tie(person: Person | None, tie_id: UUID, asked: EndTie) -> Profile:
    """Decide that a membership or an office ended; another end replaces an earlier one."""
    before = _known(person, tie_id)
    if isinstance(before, Introduction):
        raise IntroductionHasNoEnd
    if asked.until <= before.since:
        raise TieEndsBeforeItBegins(pointer="/until")
    return person_ties(person, tie_id, before.model_copy(update={"until": asked.until}))


def withdraw_tie(person: Person | None, tie_id: UUID) -> Profile:
    """Decide that a tie was entered by mistake: it never was."""
    _known(person, tie_id)
    return person_ties(person, tie_id)


def erase(person: Person | None, today: date, *, erased: bool) -> PersonErased:
    """Decide that a person is forgotten (Law 91/2025/QH15 on the protection of personal data)."""
    if erased:
        raise PersonWasErased
    if person is None:
        raise NotFound
    return PersonErased(subject=str(person.id), unit=person.unit, on=today)


def person_ties(person: Person | None, tie_id: UUID, *instead: PartyMembership | OfficeHeld) -> Profile:
    """Return a person's ties without one of them, or with another in its place."""
    others = [one for one in (person.profile.ties if person else ()) if one.tie_id != tie_id]
    return Profile(ties=(*others, *instead))


def _known(person: Person | None, tie_id: UUID) -> PartyMembership | OfficeHeld | Introduction:
    found = person.profile.tie(tie_id) if person else None
    if found is None:
        raise NotFound
    return found


def _same(
    before: PartyMembership | OfficeHeld | Introduction, asked: PartyMembership | OfficeHeld | Introduction
) -> bool:
    """Tell whether a tie asked for is the known one; asked without an end, it is so although that one has ended."""
    if isinstance(before, Introduction) or isinstance(asked, Introduction) or asked.until is not None:
        return before == asked
    return before.model_copy(update={"until": None}) == asked


def _check_day(day: date, today: date, pointer: str) -> None:
    if day > today:
        raise TieInTheFuture(pointer=pointer)
