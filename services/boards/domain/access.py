"""Says that somebody looked at, or entered, a person's data: which of them, when, and for what."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.boards.domain.person import Purpose


class Part(StrEnum):
    """Which of a person's data."""

    IDENTITY = "IDENTITY"
    PROFILE = "PROFILE"


class Action(StrEnum):
    """What was done with them."""

    READ = "READ"
    WRITTEN = "WRITTEN"


class Access(BaseModel):
    """That somebody looked at or entered a person's data."""

    model_config = ConfigDict(frozen=True)

    person: UUID
    part: Part
    action: Action
    purpose: Purpose
    at: datetime
    actor: str
