"""Decides what becomes of a notice: whom a place has to be told through, and when it is time to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notifications.domain.delivery import Way
from shared.events.notifications import Channel


class Holder(StrEnum):
    """Who of a place is told."""

    LIAISON = "LIAISON"
    """The liaison of a unit or group."""
    HEAD = "HEAD"
    """The head of a board."""
    ENDPOINT = "ENDPOINT"
    """A system of a unit, at its endpoint."""


class Status(StrEnum):
    """How far a notice has come."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    SUPPRESSED = "SUPPRESSED"
    FAILED = "FAILED"


class Reason(StrEnum):
    """Why a notice waits, was suppressed or was given up."""

    HISTORICAL = "HISTORICAL"
    CORRECTION = "CORRECTION"
    WITHDRAWN = "WITHDRAWN"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    NO_LIAISON = "NO_LIAISON"
    NO_HEAD = "NO_HEAD"
    NO_CONTACT = "NO_CONTACT"
    NO_NAME = "NO_NAME"


PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 60, 300))
"""Pauses between looks for what is not known yet; then the longest of them again and again."""
LONGEST_LOOK = timedelta(days=7)
"""Time after which a person who is not known yet is looked for no more."""
PATIENCE = timedelta(hours=1)
"""Time after which a text goes out without the names it lacks."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known, at one look, of an open notice: who holds the place, how they are reached, and the names.

    `place` is the unit, group or board that is told; where a system is, its unit.
    """

    withdrawn: bool
    holder: Holder
    place: str
    person: UUID | None
    channels: tuple[Channel, ...]
    endpoint: UUID | None
    unit_name: str | None
    place_name: str | None
    building_names: tuple[str, ...]
    buildings: int
    group_number: str | None
    facts: Mapping[str, Any]
    attempts: int
    age: timedelta

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return over what the holder is told."""
        return (Way.WEBHOOK,) if self.endpoint else tuple(map(Way, self.channels))

    @property
    def names_complete(self) -> bool:
        """Tell whether every name a text would use has been heard."""
        addressed = self.place_name is not None or self.place not in self.facts.get("assigned", ())
        return self.unit_name is not None and addressed and len(self.building_names) == self.buildings

    @property
    def lacking(self) -> Reason | None:
        """Return what is missing to tell the holder."""
        if self.endpoint is None and self.person is None:
            return _MISSING[self.holder]
        if not self.ways:
            return Reason.NO_CONTACT
        return None if self.names_complete or self.age >= PATIENCE else Reason.NO_NAME


_MISSING = {
    Holder.LIAISON: Reason.NO_LIAISON,
    Holder.HEAD: Reason.NO_HEAD,
    Holder.ENDPOINT: Reason.UNSUBSCRIBED,
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at an open notice came to; a pause when it must be looked at again."""

    status: Status
    reason: Reason | None = None
    pause: timedelta | None = None


def look(known: Known) -> Look:
    """Decide what becomes of an open notice by what is known now; the same in whatever order it became known."""
    if known.withdrawn:
        return Look(Status.SUPPRESSED, Reason.WITHDRAWN)
    match known.lacking:
        case None:
            return Look(Status.DECIDED)
        case Reason.UNSUBSCRIBED as reason:
            return Look(Status.SUPPRESSED, reason)
        case reason:
            again = pause(known.attempts, known.age)
            return Look(Status.FAILED, reason) if again is None else Look(Status.OPEN, reason, again)


def pause(looks: int, age: timedelta) -> timedelta | None:
    """Return how long to wait before looking again for what is not known yet; none when it has been long enough."""
    return None if age >= LONGEST_LOOK else PAUSES[min(looks, len(PAUSES) - 1)]


def parameters(known: Known) -> dict[str, Any]:
    """Return what a text needs: names as they are known, codes as they were told, nothing personal."""
    facts = dict(known.facts)
    assigned = facts.pop("assigned", {})
    return {
        **facts,
        "unit": known.unit_name,
        "place": known.place_name,
        "buildings": list(known.building_names),
        "group": known.group_number,
        "bodies": assigned.get(known.place, []),
    }
