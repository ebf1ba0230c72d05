"""Decides about coordination regulations (quy chế phối hợp) between residential groups and boards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.boards.domain import group
from services.boards.domain.board import BoardNotInForce, NoSuchBoard, Standing
from services.boards.domain.group import Group
from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import (
    CoordinationRegulationEvaluated,
    CoordinationRegulationIssued,
    CoordinationRegulationLapsed,
)
from shared.events.boards import Finding, Pair


class IssueRegulation(AskedOn):
    """Ask to record that heads of groups and boards work together by a regulation; the first pair's ward keeps it."""

    regulation_id: UUID
    pairs: tuple[Pair, ...]


class EvaluateRegulation(AskedOn):
    """Ask to record that it was looked at whether a regulation still fits."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to issue a regulation: its groups and boards, as far as they are known."""

    exists: bool
    groups: Mapping[UUID, Group]
    boards: Mapping[UUID, Standing]


@dataclass(frozen=True, slots=True)
class Regulation:
    """What must be known of a regulation to evaluate or end it."""

    id: UUID
    unit: str
    issued: date
    lapsed: date | None
    evaluated: frozenset[date]


class RegulationAlreadyIssued(Refused):
    """Quy chế phối hợp này đã được ghi nhận.

    This coordination regulation has been recorded already.
    """


class NoPair(Refused):
    """Quy chế phối hợp phải nêu ít nhất một cặp tổ dân phố và ban quản trị, mỗi cặp một lần.

    A coordination regulation names at least one pair of a residential group and a board, each pair once.
    """

    status = 422


class BeforeItHeld(Refused):
    """Ngày này không sau ngày ban hành quy chế.

    That day is not after the regulation was issued.
    """


class EvaluatedThatDay(Refused):
    """Lần đánh giá ngày này đã được ghi nhận.

    The evaluation of that day has been recorded already.
    """


class EvaluatedSince(Refused):
    """Vào hoặc sau ngày này đã ghi nhận một lần đánh giá quy chế.

    An evaluation on or after that day has been recorded already.
    """


class AlreadyLapsed(Refused):
    """Quy chế phối hợp này đã hết hiệu lực.

    This coordination regulation holds no more.
    """


def issue(ground: Ground, asked: IssueRegulation) -> CoordinationRegulationIssued:
    """Decide that a regulation holds from a day, for groups that exist and boards in force on it."""
    if ground.exists:
        raise RegulationAlreadyIssued
    if not asked.pairs or len({(one.group, one.board) for one in asked.pairs}) < len(asked.pairs):
        raise NoPair(pointer="/pairs")
    first, *_ = group.active(ground.groups, [one.group for one in asked.pairs], asked.on, "/pairs")
    missing = sorted({str(one.board) for one in asked.pairs if one.board not in ground.boards})
    if missing:
        raise NoSuchBoard(pointer="/pairs", missing=missing)
    ended = sorted({str(one.board) for one in asked.pairs if not ground.boards[one.board].in_force})
    if ended:
        raise BoardNotInForce(pointer="/pairs", boards=ended)
    return CoordinationRegulationIssued(
        subject=str(asked.regulation_id), unit=first.unit, on=asked.on, pairs=asked.pairs
    )


def evaluate(regulation: Regulation | None, asked: EvaluateRegulation) -> CoordinationRegulationEvaluated:
    """Decide that a regulation that holds was evaluated."""
    known = _issued(regulation, asked.on)
    if known.lapsed is not None and asked.on >= known.lapsed:
        raise AlreadyLapsed(pointer="/on", lapsed=known.lapsed.isoformat())
    if asked.on in known.evaluated:
        raise EvaluatedThatDay(pointer="/on")
    return CoordinationRegulationEvaluated(subject=str(known.id), unit=known.unit, on=asked.on, finding=asked.finding)


def lapse(regulation: Regulation | None, asked: AskedOn) -> CoordinationRegulationLapsed:
    """Decide that a regulation holds no more: that day is the first without."""
    known = _issued(regulation, asked.on)
    if known.lapsed is not None:
        raise AlreadyLapsed(lapsed=known.lapsed.isoformat())
    if any(asked.on <= day for day in known.evaluated):
        raise EvaluatedSince(pointer="/on")
    return CoordinationRegulationLapsed(subject=str(known.id), unit=known.unit, on=asked.on)


def _issued(regulation: Regulation | None, on: date) -> Regulation:
    if regulation is None:
        raise NotFound
    if on <= regulation.issued:
        raise BeforeItHeld(pointer="/on", issued=regulation.issued.isoformat())
    return regulation
