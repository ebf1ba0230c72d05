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
    PartyMembership,
    Profile,
)
from shared import law
from shared.auth import OutsideYourUnits
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


def to_tell(periods: Sequence[Period], today: date, scope: Sequence[str], *, kept: bool) -> Sequence[Period]:
    """Return the periods that are told of on somebody's wish: those of their units that are long enough.

    A short period would give away the days that a fact does not name. Where nothing is kept, none is told of, so that
    what was told earlier ends.
    """
    if not kept:
        return []
    if not periods:
        raise PeriodNotYetKnown
    covered = [one for one in periods if _covered(one.unit, scope)]
    if not covered:
        raise OutsideYourUnits
    shortest = law.number("participation.shortest_period_days", today)
    return [one for one in covered if (one.end - one.begin).days >= shortest]


def due(periods: Sequence[Period], last: date | None, today: date) -> bool:
    """Tell whether it is time to tell by itself: once a period is over, and then once a month.

    While a period runs, a change of a roster and a telling soon after would name who joined or left.
    """
    if last is None or last >= today:
        return False
    over = any(last <= one.end < today for one in periods)
    return over or (last.year, last.month) != (today.year, today.month)


def ended(periods: Sequence[Period], today: date, *, kept: bool) -> Sequence[Period]:
    """Return the periods that are told of without anybody's wish: those that are over."""
    over = [one for one in periods if one.end < today]
    return to_tell(over, today, [one.unit for one in over], kept=kept) if over else []


def concerned(told: Mapping[str, Participation], periods: Sequence[Period], *, kept: bool) -> dict[str, Participation]:
    """Return what has been told of these periods; where nothing is kept, all that has been told."""

    def of(one: Participation, period: Period) -> bool:
        days = (one.period_from, one.period_to) == (period.begin, period.end)
        return days and _within(one.ward, period.unit)

    return {name: one for name, one in told.items() if not kept or any(of(one, period) for period in periods)}


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
        if now is None and before is not None:
            kind = ParticipationErased if before.erased else ParticipationEnded
            events.append(kind(subject=participant, unit=before.ward, on=before.period_to))
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


def _covered(unit: str, scope: Sequence[str]) -> bool:
    return any(_within(unit, granted) for granted in scope)


def _within(ward: str, unit: str) -> bool:
    return ward == unit or ward.startswith(f"{unit}.")
