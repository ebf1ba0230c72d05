"""Decides about registers: one of a kind for each unit, confirmed day by day and never backwards."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.caller import Asked, AskedOn
from shared.errors import NotFound, Refused
from shared.events import Document, Register, Text, UnitId
from shared.events.registers import RegisterConfirmed, RegisterOpened, TakeoverOpened


class OpenRegister(AskedOn):
    """Ask to record that a unit began to keep a register."""

    register_id: UUID
    register_kept: Register
    unit: UnitId


class ConfirmRegister(AskedOn):
    """Ask to record that a register is complete through a day, inclusive."""

    through: date


class OpenTakeover(Asked):
    """Ask to open a batch for old paper; whoever asks answers for it."""

    takeover_id: UUID
    name: Text
    unit: UnitId
    document: Document


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one register."""

    id: UUID
    register: Register
    unit: str
    opened: date
    through: date | None


class UnitNotYetKnown(Refused):
    """Chưa biết đơn vị hành chính này.

    This administrative unit is not known yet.
    """

    retry_after = 1


class RegisterAlreadyOpen(Refused):
    """Đơn vị này đã mở sổ này.

    This unit has opened this register already.
    """


class RegisterNotKeptHere(Refused):
    """Sổ này do dịch vụ khác giữ.

    This register is kept by another service.
    """

    status = 422


class ConfirmedFurther(Refused):
    """Sổ đã được xác nhận đến ngày muộn hơn.

    The register has been confirmed through a later day.
    """


class ConfirmedBeforeOpened(Refused):
    """Không thể xác nhận sổ cho ngày trước khi mở, hoặc cho ngày sau ngày xác nhận.

    A register cannot be confirmed for a day before it was opened, nor for one after the confirmation.
    """

    status = 422


class TakeoverAlreadyOpen(Refused):
    """Đợt tiếp nhận này đã mở.

    This take-over batch is open already.
    """


def open_register(
    kind: type[RegisterOpened],
    kept_here: frozenset[Register],
    taken: bool,
    unit: str | None,
    asked: OpenRegister,
) -> RegisterOpened:
    """Decide whether a unit may open a register here."""
    if asked.register_kept not in kept_here:
        raise RegisterNotKeptHere(pointer="/register_kept", kept_here=sorted(kept_here))
    if unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if taken:
        raise RegisterAlreadyOpen
    return kind(subject=str(asked.register_id), unit=unit, on=asked.on, register_kept=asked.register_kept)


def confirm_register(kind: type[RegisterConfirmed], kept: Kept | None, asked: ConfirmRegister) -> RegisterConfirmed:
    """Decide whether a register may be confirmed through a day."""
    if kept is None:
        raise NotFound
    if not kept.opened <= asked.through <= asked.on:
        raise ConfirmedBeforeOpened(pointer="/through", opened=kept.opened.isoformat())
    if kept.through is not None and asked.through < kept.through:
        raise ConfirmedFurther(pointer="/through", through=kept.through.isoformat())
    return kind(subject=str(kept.id), unit=kept.unit, on=asked.on, register_kept=kept.register, through=asked.through)


def open_takeover(
    kind: type[TakeoverOpened],
    taken: bool,
    unit: str | None,
    today: date,
    asked: OpenTakeover,
) -> TakeoverOpened:
    """Decide whether a batch may be opened; it is opened today, whatever the age of its paper."""
    if unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if taken:
        raise TakeoverAlreadyOpen
    return kind(subject=str(asked.takeover_id), unit=unit, on=today, name=asked.name)
