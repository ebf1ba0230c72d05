"""Decides how a standing board is put in order: reviewed, consolidated (kiện toàn), left by a member."""

from datetime import date
from uuid import UUID

from services.boards.domain.board import Board, ChangedSince, check_members, standing
from shared import law
from shared.caller import AskedByDecision, AskedOn
from shared.errors import Refused
from shared.events import BoardConsolidated, BoardMemberEnded, BoardReviewed
from shared.events.boards import Departure, Member


class ConsolidateBoard(AskedByDecision):
    """Ask to record that a board was put in order.

    `members` are all who sit on the board from that day. With `new_term` they are recognised for another term.
    """

    members: tuple[Member, ...]
    new_term: bool = False


class EndMembership(AskedOn):
    """Ask to record that a member left a board: that day is the first without."""

    person: UUID
    reason: Departure


class ReviewedThatDay(Refused):
    """Lần rà soát ngày này đã được ghi nhận.

    The review of that day has been recorded already.
    """


class TermEnded(Refused):
    """Nhiệm kỳ đã hết vào ngày đó; hãy công nhận nhiệm kỳ mới (new_term).

    The term had ended by that day; recognise a new term (new_term).
    """


class NotAMember(Refused):
    """Người này không ở trong ban quản trị vào ngày đó.

    This person did not sit on the board on that day.
    """


def review(board: Board | None, asked: AskedOn) -> BoardReviewed:
    """Decide that a board was reviewed and left as it was."""
    known = standing(board, asked.on)
    if asked.on in known.reviewed:
        raise ReviewedThatDay(pointer="/on")
    return BoardReviewed(subject=str(known.id), unit=known.unit, on=asked.on)


def consolidate(board: Board | None, asked: ConsolidateBoard) -> BoardConsolidated:
    """Decide who sits on a board from the day of the decision; the term stands unless a new one begins.

    As many members as at its formation are needed (Circular 05/2024/TT-BXD).
    """
    on = asked.decision.date
    known = standing(board, on, "/decision/date")
    if _on_or_before(on, known.consolidated) or (known.left is not None and on < known.left):
        raise ChangedSince(pointer="/decision/date")
    check_members(asked.members, law.smallest_board(known.blocks, known.buildings, on))
    if not asked.new_term and known.term_to < on:
        raise TermEnded(pointer="/new_term", term_to=known.term_to.isoformat())
    return BoardConsolidated(
        subject=str(known.id),
        unit=known.unit,
        on=on,
        decision=asked.decision,
        term_from=on if asked.new_term else known.term_from,
        term_to=law.term_end(on, on) if asked.new_term else known.term_to,
        members=asked.members,
    )


def end_membership(board: Board | None, asked: EndMembership) -> BoardMemberEnded:
    """Decide that a member left; a board with too few members, or without a head, stays in force."""
    known = standing(board, asked.on)
    if _on_or_before(asked.on, known.consolidated):
        raise ChangedSince(pointer="/on")
    if asked.person not in known.members:
        raise NotAMember(pointer="/person")
    return BoardMemberEnded(
        subject=str(known.id), unit=known.unit, on=asked.on, person=asked.person, reason=asked.reason
    )


def _on_or_before(on: date, last: date | None) -> bool:
    return last is not None and on <= last
