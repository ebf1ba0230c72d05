"""Decides about management boards (ban quản trị)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared import law
from shared.caller import AskedByDecision, AskedOn
from shared.errors import NotFound, Refused
from shared.events import BoardClosed, BoardFormed
from shared.events.boards import Closure, Member, Role


class FormBoard(AskedByDecision):
    """Ask to record that a new board was recognised."""

    board_id: UUID
    building_ids: tuple[UUID, ...]
    elected_on: date | None = None
    members: tuple[Member, ...]


class CloseBoard(AskedOn):
    """Ask to record that a board ended: that day is the first without it."""

    reason: Closure


@dataclass(frozen=True, slots=True)
class Ground:
    """All we need to know of the buildings to judge who may manage them; `unit` is the leading one's on that day."""

    exists: bool
    missing: frozenset[UUID]
    unit: str | None
    blocks: int
    has_board: bool


@dataclass(frozen=True, slots=True)
class Board:
    """What must be known of a board to change it: its last term, who sits on it, and what was recorded last."""

    id: UUID
    unit: str
    formed: date
    closed: date | None
    blocks: int
    buildings: int
    term_from: date
    term_to: date
    members: frozenset[UUID]
    consolidated: date | None
    """The day of the last consolidation."""
    left: date | None
    """The last day on which a seat ended."""
    reviewed: frozenset[date]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a board stands on a day, term or no term, and whether it is in force."""

    id: UUID
    stands: bool
    in_force: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """Somebody who sits on a board in force; `ward` is the path of the unit in which its leading building lies."""

    person: UUID
    board: UUID
    ward: str
    role: str


class BoardAlreadyFormed(Refused):
    """Ban quản trị này đã được ghi nhận.

    This board has been recorded already.
    """


class NoBuilding(Refused):
    """Ban quản trị phải quản lý ít nhất một tòa nhà, mỗi tòa nhà chỉ nêu một lần.

    A board manages at least one building, each named once.
    """

    status = 422


class BuildingNotYetKnown(Refused):
    """Chưa biết tòa nhà này, hoặc tòa nhà ngoài phạm vi của bạn.

    This building is not known yet, or it is outside your scope.
    """

    retry_after = 1


class NotInTheRegisterThen(Refused):
    """Vào ngày quyết định, tòa nhà chưa có trong sổ.

    On the date of the decision the building was not in the register.
    """


class AlreadyHasBoard(Refused):
    """Tòa nhà đã có ban quản trị; hãy kiện toàn ban đó.

    The building has a board already; put that one in order instead.
    """


class TooFewMembers(Refused):
    """Ban quản trị không đủ số thành viên tối thiểu.

    The board has fewer members than the law asks for.
    """

    status = 422


class NeedsOneHead(Refused):
    """Ban quản trị phải có đúng một trưởng ban.

    A board has exactly one head.
    """

    status = 422


class SitsTwice(Refused):
    """Một người chỉ giữ một ghế trong ban quản trị.

    A person has one seat on a board.
    """

    status = 422


class ElectedAfterRecognition(Refused):
    """Ngày bầu phải trước hoặc cùng ngày công nhận.

    A board is elected before it is recognised.
    """

    status = 422


class AlreadyClosed(Refused):
    """Ban quản trị này đã kết thúc.

    This board has ended already.
    """


class BeforeItWasFormed(Refused):
    """Ngày này không sau ngày công nhận ban quản trị.

    That day is not after the board's recognition.
    """


class ChangedSince(Refused):
    """Vào hoặc sau ngày này đã ghi nhận việc rà soát, kiện toàn hoặc thôi tham gia ban quản trị.

    A review, consolidation or departure on or after that day has been recorded already.
    """


class NoSuchBoard(Refused):
    """Không có ban quản trị này, hoặc ngoài phạm vi của bạn.

    There is no such board, or it is outside your scope.
    """


class BoardNotThere(Refused):
    """Vào ngày đó ban quản trị chưa được công nhận hoặc đã kết thúc.

    On that day the board was not recognised yet, or had ended.
    """


class BoardNotInForce(Refused):
    """Vào ngày đó ban quản trị không còn hoặc chưa có hiệu lực.

    On that day the board was not in force.
    """


def form(ground: Ground, asked: FormBoard) -> BoardFormed:
    """Decide that a board was formed.

    Members: at least three, one for each block, six for a cluster (Circular 02/2016/TT-BXD, regulation, art. 17,
    as amended; kept by Circular 05/2024/TT-BXD). The term runs three years from the decision.
    """
    on = asked.decision.date
    if ground.exists:
        raise BoardAlreadyFormed
    if not asked.building_ids or len(set(asked.building_ids)) < len(asked.building_ids):
        raise NoBuilding(pointer="/building_ids")
    if ground.missing:
        raise BuildingNotYetKnown(pointer="/building_ids", missing=sorted(map(str, ground.missing)))
    if ground.unit is None:
        raise NotInTheRegisterThen(pointer="/decision/date")
    if ground.has_board:
        raise AlreadyHasBoard(pointer="/building_ids")
    check_members(asked.members, law.smallest_board(ground.blocks, len(asked.building_ids), on))
    if asked.elected_on is not None and asked.elected_on > on:
        raise ElectedAfterRecognition(pointer="/elected_on")
    return BoardFormed(
        subject=str(asked.board_id),
        unit=ground.unit,
        on=on,
        building_ids=asked.building_ids,
        decision=asked.decision,
        elected_on=asked.elected_on,
        term_from=on,
        term_to=law.term_end(on, on),
        members=asked.members,
    )


def check_members(members: tuple[Member, ...], least: int) -> None:
    """Refuse members who are too few, sit twice, or have no head or several."""
    if len(members) < least:
        raise TooFewMembers(pointer="/members", needed=least, given=len(members))
    if len({member.person for member in members}) < len(members):
        raise SitsTwice(pointer="/members")
    if sum(member.role is Role.HEAD for member in members) != 1:
        raise NeedsOneHead(pointer="/members")


def close(board: Board | None, asked: CloseBoard) -> BoardClosed:
    """Decide that a board ended."""
    if board is not None and board.closed is not None:
        raise AlreadyClosed(closed=board.closed.isoformat())
    known = standing(board, asked.on)
    since = max((*known.reviewed, known.consolidated or known.formed))
    if asked.on <= since or (known.left is not None and asked.on < known.left):
        raise ChangedSince(pointer="/on")
    return BoardClosed(subject=str(known.id), unit=known.unit, on=asked.on, reason=asked.reason)


def standing(board: Board | None, on: date, pointer: str = "/on") -> Board:
    """Return a board that something happens to; refuse a day not after its recognition, or after its end."""
    if board is None:
        raise NotFound
    if on <= board.formed:
        raise BeforeItWasFormed(pointer=pointer, formed=board.formed.isoformat())
    if board.closed is not None and on >= board.closed:
        raise AlreadyClosed(pointer=pointer, closed=board.closed.isoformat())
    return board
