"""Whoever asks: identity, the moment, and what surrounds the request. All chance and time enter here."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from shared.auth import Identity
from shared.errors import Changed, Refused
from shared.events import Circumstances, Document
from shared.uuids import uuid7

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
"""Legal dates are days of this zone; it has no summer time."""


class Asked(BaseModel):
    """What every command may bring: the paper behind it, and the batch of old paper it is entered with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: Annotated[Document | None, Field(description="The paper behind the fact.")] = None
    takeover: Annotated[UUID | None, Field(description="The open batch in which old paper is entered.")] = None


class AskedOn(Asked):
    """A command whose fact took effect on a day."""

    on: Annotated[date, Field(description="The day it took effect (Asia/Ho_Chi_Minh).")]


class AskedByDecision(Asked):
    """A command whose fact dates from a decision, which is also the paper behind it unless another is named."""

    decision: Document

    def on_its_paper(self) -> Asked:
        """Return what the command brings to the envelope."""
        return Asked(document=self.document or self.decision, takeover=self.takeover)


class InTheFuture(Refused):
    """Ngày có hiệu lực nằm ở tương lai.

    The day it took effect lies in the future.
    """

    status = 422


class TooLongAgo(Refused):
    """Việc đã quá thời hạn ghi lùi ngày; hãy mở một đợt tiếp nhận hồ sơ cũ (takeover) và ghi trong đợt đó.

    It happened longer ago than the limit for back-dating; open a take-over batch for old paper and enter it there.
    """


class NotOldPaper(Refused):
    """Việc còn trong thời hạn ghi thông thường; hãy ghi không kèm đợt tiếp nhận hồ sơ cũ (takeover).

    It is recent enough to be entered as usual; enter it without a take-over batch, so that people are told of it.
    """


@dataclass(frozen=True, slots=True)
class Caller:
    """One request's circumstances."""

    identity: Identity
    now: datetime
    correlation: UUID
    back_date_days: int
    traceparent: str | None = None
    idempotency_key: str | None = None
    if_match: str | None = None
    """The ETag of the version on which the caller decided."""
    asked: bytes = b""
    """Hash of what was asked, to tell a repeated question from another one under the same key."""
    event_id: UUID = field(default_factory=uuid7)

    @property
    def today(self) -> date:
        """Return the legal day of the request."""
        return self.now.astimezone(HANOI).date()

    @property
    def scope(self) -> list[str]:
        """Return the paths of the granted subtrees, for a `WHERE`."""
        return list(self.identity.units)

    def circumstances(self, paper: Asked) -> Circumstances:
        """Return what surrounds a fact that is told at this request."""
        return Circumstances(
            id=self.event_id,
            time=self.now,
            actor=self.identity.actor,
            correlation=self.correlation,
            traceparent=self.traceparent,
            document=paper.document,
            takeover=paper.takeover,
        )

    def must_match(self, version: int) -> None:
        """Refuse when the caller decided on another version of the subject than the present one."""
        if self.if_match is not None and self.if_match.strip('"') not in ("*", str(version)):
            raise Changed(version=version)

    def may_tell(self, unit: str, on: date, takeover: UUID | None) -> None:
        """Refuse what is out of scope, not yet true, or too old to be entered outside a batch."""
        self.identity.must_cover(unit)
        if on > self.today:
            raise InTheFuture(pointer="/on", on=on.isoformat(), today=self.today.isoformat())
        old = on < self.today - timedelta(days=self.back_date_days)
        if takeover is not None:
            self.identity.must_have("takeover.write")
            if not old:
                raise NotOldPaper(pointer="/takeover", on=on.isoformat(), limit_days=self.back_date_days)
        elif old:
            raise TooLongAgo(pointer="/on", on=on.isoformat(), limit_days=self.back_date_days)
