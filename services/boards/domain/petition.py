"""Decides about residents' petitions (đơn thư)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import PetitionFiled, PetitionFlaggedComplex, PetitionResolved, UnitId
from shared.events.boards import Channel, Complexity, Outcome, PetitionKind, Topic


class FilePetition(AskedOn):
    """Ask to record a petition: about a building, or else about something in a unit."""

    petition_id: UUID
    kind: PetitionKind | Literal["DENUNCIATION"]
    topic: Topic
    channel: Channel
    building: UUID | None = None
    unit: UnitId | None = None


class FlagComplex(AskedOn):
    """Ask to flag a petition as a complex case."""

    reason: Complexity


class ResolvePetition(AskedOn):
    """Ask to record that a petition was answered."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Petition:
    """What must be known of a petition to change it."""

    id: UUID
    unit: str
    received: date
    flagged: date | None
    resolved: date | None


class PetitionAlreadyFiled(Refused):
    """Đơn này đã được ghi nhận.

    This petition has been recorded already.
    """


class DenunciationNotTakenHere(Refused):
    """Đơn tố cáo được giữ kín và chưa tiếp nhận ở đây; hãy chuyển theo đường riêng.

    Denunciations are kept secret and are not taken here yet; pass them on by their own way.
    """

    status = 422


class NeedsAPlace(Refused):
    """Nêu tòa nhà, hoặc phường nếu đơn không về một tòa nhà.

    Name the building, or the ward where the petition is about no building.
    """

    status = 422


class PlaceNotYetKnown(Refused):
    """Chưa biết tòa nhà hoặc phường này vào ngày đó, hoặc ngoài phạm vi của bạn.

    This building or ward is not known on that day yet, or it is outside your scope.
    """

    retry_after = 1


class AlreadyFlagged(Refused):
    """Đơn này đã được đánh dấu là vụ việc phức tạp.

    This petition has been flagged as complex already.
    """


class AlreadyResolved(Refused):
    """Đơn này đã được giải quyết.

    This petition has been resolved already.
    """


class BeforeItWasReceived(Refused):
    """Ngày này trước ngày nhận đơn.

    That day lies before the petition was received.
    """


def file(*, exists: bool, unit: str | None, asked: FilePetition) -> PetitionFiled:
    """Decide that a petition was received; `unit` is the path of its building's ward, or its ward, on that day."""
    if asked.kind == "DENUNCIATION":
        raise DenunciationNotTakenHere(pointer="/kind")
    if exists:
        raise PetitionAlreadyFiled
    if (asked.building is None) == (asked.unit is None):
        raise NeedsAPlace(pointer="/building")
    if unit is None:
        raise PlaceNotYetKnown(pointer="/building" if asked.building else "/unit")
    return PetitionFiled(
        subject=str(asked.petition_id),
        unit=unit,
        on=asked.on,
        kind=asked.kind,
        topic=asked.topic,
        channel=asked.channel,
        building=asked.building,
    )


def flag_complex(petition: Petition | None, asked: FlagComplex) -> PetitionFlaggedComplex:
    """Decide that a petition is a complex case (vụ việc phức tạp, nổi cộm)."""
    known = _received(petition, asked.on)
    if known.flagged is not None:
        raise AlreadyFlagged(flagged=known.flagged.isoformat())
    return PetitionFlaggedComplex(subject=str(known.id), unit=known.unit, on=asked.on, reason=asked.reason)


def resolve(petition: Petition | None, asked: ResolvePetition) -> PetitionResolved:
    """Decide that a petition was answered."""
    known = _received(petition, asked.on)
    if known.resolved is not None:
        raise AlreadyResolved(resolved=known.resolved.isoformat())
    return PetitionResolved(subject=str(known.id), unit=known.unit, on=asked.on, outcome=asked.outcome)


def _received(petition: Petition | None, on: date) -> Petition:
    if petition is None:
        raise NotFound
    if on < petition.received:
        raise BeforeItWasReceived(pointer="/on", received=petition.received.isoformat())
    return petition
