"""Decides which restricted facts are told: who was introduced within a report's period, who serves at its end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.boards.domain.board import Serving
from services.boards.domain.person import (
    Introduction,
    Office,
    OfficeHeld,
    ParticipationNotKept,
    PartyMembership,
    Profile,
)
from shared.errors import Refused
from shared.events import ParticipationEnded, ParticipationErased, ParticipationRecorded
from shared.events.base import RestrictedEvent
from shared.events.boards import Category, Stage


class PeriodNotYetKnown(Refused):
    """Chưa biết kỳ báo cáo nào; hãy khai báo kỳ báo cáo trước.

    No report period is known yet; declare one first.
    """

    retry_after = 1


@dataclass(frozen=True, slots=True)
class Period:
    """A report's period, both days inclusive, and the path of the unit it is for."""

    code: str
    unit: str
    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A person belongs to a stage of a period, with categories, in a ward."""

    person: UUID
    period: Period
    stage: Stage
    ward: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Participation:
    """What a restricted fact says of a participant; `erased` once the person behind it is."""

    ward: str
    stage: Stage
    categories: tuple[Category, ...]
    period_from: date
    period_to: date
    erased: bool = False


def must_know(periods: Sequence[Period], *, kept: bool) -> Sequence[Period]:
    """Return the periods to tell of, or refuse."""
    if not kept:
        raise ParticipationNotKept
    if not periods:
        raise PeriodNotYetKnown
    return periods


def serving(period: Period, on: date, members: Iterable[Serving], profiles: Mapping[UUID, Profile]) -> list[Standing]:
    """Return who with a tie serves, on a day, on a board in force in the period's unit; each person once.

    Membership under Regulation 213-QĐ/TW alone is not told: those members belong to a cell at their work, and no
    line of a report counts them as serving.
    """
    found: dict[UUID, Standing] = {}
    for member in sorted(members, key=lambda one: one.board):
        categories = _categories(profiles.get(member.person, Profile()), on) - {Category.REG_213}
        if categories and _within(member.ward, period.unit):
            found.setdefault(
                member.person, Standing(member.person, period, Stage.SERVING, member.ward, tuple(sorted(categories)))
            )
    return list(found.values())


def introduced(period: Period, profiles: Mapping[UUID, Profile], wards: Mapping[str, str]) -> list[Standing]:
    """Return who was introduced within a period by a ward of its unit, with the categories of all introductions.

    Who was introduced by two wards counts with the last. Who keeps a tie under Regulation 213-QĐ/TW and holds an
    office in a residential group counts as an office holder too. `wards` has the path of each ward by its id.
    """
    found = []
    for person, profile in profiles.items():
        told = sorted(
            (
                one
                for one in profile.ties
                if isinstance(one, Introduction)
                and period.begin <= one.on <= period.end
                and _within(wards.get(one.ward, ""), period.unit)
            ),
            key=lambda one: one.on,
        )
        if not told:
            continue
        categories = {category for one in told for category in one.categories}
        if Category.REG_213 in categories and Category.GROUP_OFFICE in _categories(profile, told[-1].on):
            categories.add(Category.GROUP_OFFICE)
        found.append(Standing(person, period, Stage.INTRODUCED, wards[told[-1].ward], tuple(sorted(categories))))
    return found


def facts(wanted: Mapping[str, Participation], told: Mapping[str, Participation]) -> list[RestrictedEvent]:
    """Return what must be told so that what has been told becomes what is the case, by participant."""
    events: list[RestrictedEvent] = []
    for participant in sorted(wanted.keys() | told.keys()):
        now, before = wanted.get(participant), told.get(participant)
        if before is not None and before.erased:
            events.append(ParticipationErased(subject=participant, unit=before.ward, on=before.period_to))
        elif now is None and before is not None:
            events.append(ParticipationEnded(subject=participant, unit=before.ward, on=before.period_to))
        elif now is not None and now != before:
            events.append(
                ParticipationRecorded(
                    subject=participant,
                    unit=now.ward,
                    on=now.period_to,
                    stage=now.stage,
                    categories=now.categories,
                    period_from=now.period_from,
                    period_to=now.period_to,
                )
            )
    return events


def _categories(profile: Profile, on: date) -> set[Category]:
    """Return what a person is on a day."""
    found: set[Category] = set()
    for one in profile.ties:
        if isinstance(one, Introduction) or not (one.since <= on and (one.until is None or on < one.until)):
            continue
        if isinstance(one, PartyMembership):
            found.add(one.category)
        elif isinstance(one, OfficeHeld) and one.office is not Office.COMMITTEE_MEMBER_IN_CHARGE:
            found.add(Category.GROUP_OFFICE)
    return found


def _within(ward: str, unit: str) -> bool:
    return ward == unit or ward.startswith(f"{unit}.")
