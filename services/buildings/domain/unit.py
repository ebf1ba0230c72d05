"""Decides about administrative units and about who receives what is sent to a place."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.errors import NotFound, Refused
from shared.events import LiaisonNamed, UnitClosed, UnitEstablished, UnitId
from shared.events.buildings import Place, Successor, UnitKind


@dataclass(frozen=True, slots=True)
class Unit:
    """What must be known of a unit: its path and its days; `closed` is the first day it is no more."""

    id: UnitId
    path: str
    kind: UnitKind
    recorded_from: date
    closed: date | None

    def in_force(self, on: date) -> bool:
        """Tell whether the unit exists on a day."""
        return self.recorded_from <= on and (self.closed is None or on < self.closed)


class UnitNotYetKnown(Refused):
    """Chưa biết đơn vị hành chính này.

    This administrative unit is not known yet.
    """

    retry_after = 1


class UnitNotInForce(Refused):
    """Đơn vị hành chính này không tồn tại vào ngày đó.

    This administrative unit did not exist on that day.
    """


class UnitAlreadyEstablished(Refused):
    """Đơn vị hành chính này đã có.

    This administrative unit exists already.
    """


class NotAWard(Refused):
    """Cần một phường hoặc xã.

    A ward or commune is needed.
    """

    status = 422


def in_force(unit: Unit | None, on: date) -> Unit:
    """Return a unit that exists on a day, or refuse."""
    if unit is None:
        raise UnitNotYetKnown
    if not unit.in_force(on):
        raise UnitNotInForce(unit=unit.id, on=on.isoformat())
    return unit


def ward(unit: Unit | None, on: date) -> Unit:
    """Return a ward or commune that exists on a day, or refuse."""
    found = in_force(unit, on)
    if found.kind not in (UnitKind.WARD, UnitKind.COMMUNE):
        raise NotAWard(unit=found.id)
    return found


def establish(
    *,
    known: Unit | None,
    parent: Unit | None,
    unit_id: UnitId,
    on: date,
    name: str,
    kind: UnitKind,
    official_code: str,
    parent_id: UnitId | None,
    since: date | None,
) -> UnitEstablished:
    """Decide that a unit exists from a day; its path is its parent's and its own id."""
    if known is not None:
        raise UnitAlreadyEstablished
    path = unit_id if parent_id is None else f"{in_force(parent, on).path}.{unit_id}"
    return UnitEstablished(
        subject=unit_id,
        unit=path,
        on=on,
        name=name,
        kind=kind,
        official_code=official_code,
        parent=parent_id,
        since=since,
    )


def close(unit: Unit | None, missing: frozenset[str], successors: tuple[Successor, ...], on: date) -> UnitClosed:
    """Decide that a unit ends; `missing` are successors that are not known."""
    if unit is None:
        raise NotFound
    if missing:
        raise UnitNotYetKnown(pointer="/successors", missing=sorted(missing))
    in_force(unit, on)
    return UnitClosed(subject=unit.id, unit=unit.path, on=on, successors=successors)


def name_liaison(place: Place, subject: str, path: str | None, person: UUID | None, on: date) -> LiaisonNamed:
    """Decide who receives what is sent to a place; the place exists that day when its path is known."""
    if path is None:
        raise NotFound
    return LiaisonNamed(subject=subject, unit=path, on=on, place=place, person=person)
