"""What a service is asked and told while it is killed: commands in several versions, facts, and poison."""

import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from shared.events import Event, Told
from tests.examples import CITY, DISTRICT, WARD, WARD_ID, board_formed, building_registered, told, unit_established

Command = tuple[str, str, dict[str, Any]]


class Work(ABC):
    """A service's working day."""

    known_first: ClassVar[int] = 3
    """Facts that commands rest on, told before all others."""
    witness: ClassVar[str] = "building_registered"
    """The table into which each fact is applied."""
    memory: ClassVar[str] = "inbox"
    """The table of what was heard."""

    @abstractmethod
    def commands(self) -> Iterator[Command]:
        """Return commands without end, several on each subject."""

    def facts(self) -> Iterator[Told[Any]]:
        """Return facts without end."""
        yield from (told(unit_established(path)) for path in (CITY, DISTRICT, WARD)[: self.known_first])
        for nth, one in enumerate(self.applied()):
            # Some of them correct what was told before, and has not come.
            yield told(one, 2, str(uuid4()), corrects=uuid4()) if nth % 5 == 0 else told(one, 1, str(uuid4()))

    def applied(self) -> Iterator[Event]:
        """Return facts without end that are applied into the witness."""
        while True:
            yield building_registered(uuid4())

    def poison(self) -> Iterable[bytes]:
        """Return what cannot be read, and what can be read and not applied."""
        one = building_registered(uuid4()).model_copy(update={"subject": "no-uuid"})
        return [f"{{{uuid4()}".encode(), told(one, name=str(uuid4())).body]

    def subject_of(self, body: bytes) -> tuple[str, int]:
        """Return subject and version of an event."""
        said = json.loads(body)
        return said["subject"], said["version"]


class Boards(Work):
    """Petitions are filed, flagged, resolved."""

    def commands(self) -> Iterator[Command]:
        while True:
            petition, today = str(uuid4()), datetime.now(UTC).date().isoformat()
            filed = {"petition_id": petition, "kind": "FEEDBACK", "topic": "FIRE_SAFETY", "channel": "COUNTER"}
            yield "POST", "/v1/petitions", {**filed, "on": today, "unit": WARD_ID}
            yield "POST", f"/v1/petitions/{petition}/complexity", {"on": today, "reason": "LONG_RUNNING"}
            yield "POST", f"/v1/petitions/{petition}/resolution", {"on": today, "outcome": "GUIDED"}


class Buildings(Work):
    """Batches of old paper are opened; boards are formed elsewhere."""

    known_first: ClassVar[int] = 0
    witness: ClassVar[str] = "board_formed"

    def commands(self) -> Iterator[Command]:
        paper = {"symbol": "minh-hoa-1/KH-UBND", "date": "2026-01-05", "issuer": "UBND (minh họa)"}
        while True:
            yield "POST", "/v1/takeovers", {"takeover_id": str(uuid4()), "name": "x", "unit": "Q004", "document": paper}

    def applied(self) -> Iterator[Event]:
        while True:
            yield board_formed(uuid4(), uuid4())

    def poison(self) -> Iterable[bytes]:
        one = board_formed(uuid4(), uuid4()).model_copy(update={"subject": "no-uuid"})
        return [f"{{{uuid4()}".encode(), told(one, name=str(uuid4())).body]


class Notifications(Work):
    """It is recorded, again and again, how people can be reached."""

    def commands(self) -> Iterator[Command]:
        while True:
            contact = {"person": str(uuid4()), "unit": WARD_ID, "name": "Người minh họa", "email": "a@example.org"}
            for language in ("vi", "en", "vi"):
                yield "POST", "/v1/contacts", {**contact, "language": language}


class Reporting(Work):
    """Periods are declared and named anew; everything is heard."""

    witness: ClassVar[str] = "journal"
    memory: ClassVar[str] = "journal"

    def commands(self) -> Iterator[Command]:
        for nth in itertools.count():
            day = (date(1990, 1, 1) + timedelta(days=nth)).isoformat()
            asked = {"report": "thong-tri-05", "unit": "Q004", "from": day, "to": day}
            for name in ("Một", "Hai", "Ba"):
                yield "PUT", f"/v1/periods/ky-{nth}", {**asked, "name": name}

    def poison(self) -> Iterable[bytes]:
        return [f"{{{uuid4()}".encode()]


WORK: dict[str, type[Work]] = {
    "boards": Boards,
    "buildings": Buildings,
    "notifications": Notifications,
    "reporting": Reporting,
}
