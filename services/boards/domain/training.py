"""Decides about classes (tập huấn) for board heads: announced, then held."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import TrainingAnnounced, TrainingHeld, UnitId
from shared.events.boards import TrainingTopic
from shared.registers.domain import UnitNotYetKnown

Topics = Annotated[tuple[TrainingTopic, ...], Field(min_length=1)]


class AnnounceTraining(AskedOn):
    """Ask to record that a class was announced, and for which day."""

    training_id: UUID
    unit: UnitId
    topics: Topics
    held_on: date


class HoldTraining(AskedOn):
    """Ask to record that a class was held that day, what it taught, and who attended."""

    topics: Topics
    attended: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """What must be known of a class to hold it."""

    id: UUID
    unit: str
    announced: date
    held: date | None


class TrainingAlreadyAnnounced(Refused):
    """Lớp tập huấn này đã được thông báo.

    This class has been announced already.
    """


class BeforeItWasAnnounced(Refused):
    """Ngày này trước ngày thông báo lớp tập huấn.

    That day lies before the class was announced.
    """


class TrainingAlreadyHeld(Refused):
    """Lớp tập huấn này đã được tổ chức.

    This class has been held already.
    """


class AttendedTwice(Refused):
    """Mỗi người dự chỉ nêu một lần.

    Each person who attended is named once.
    """

    status = 422


def announce(*, exists: bool, unit: str | None, asked: AnnounceTraining) -> TrainingAnnounced:
    """Decide that a class was announced; it may be held the same day."""
    if exists:
        raise TrainingAlreadyAnnounced
    if unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    if asked.held_on < asked.on:
        raise BeforeItWasAnnounced(pointer="/held_on", announced=asked.on.isoformat())
    return TrainingAnnounced(
        subject=str(asked.training_id), unit=unit, on=asked.on, topics=asked.topics, held_on=asked.held_on
    )


def hold(training: Training | None, asked: HoldTraining) -> TrainingHeld:
    """Decide that a class was held, whatever day it was announced for; who attended is known by opaque ids alone."""
    if training is None:
        raise NotFound
    if training.held is not None:
        raise TrainingAlreadyHeld(held=training.held.isoformat())
    if asked.on < training.announced:
        raise BeforeItWasAnnounced(pointer="/on", announced=training.announced.isoformat())
    if len(set(asked.attended)) < len(asked.attended):
        raise AttendedTwice(pointer="/attended")
    return TrainingHeld(
        subject=str(training.id), unit=training.unit, on=asked.on, topics=asked.topics, attended=asked.attended
    )
