"""Clients who keep asking: real commands at a steady rate, each repeated under its key until it is answered."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.caller import HANOI
from tests.chaos.ledger import Accepted

WARD = "HN-00127-2025"
PATH = f"HN.{WARD}"
CLERKS, SURVEYORS = 5, 3
"""Who files petitions about buildings that are known, and who registers new ones and forms their boards."""
PATIENCE = 90.0
"""Seconds for which a command is repeated; after that nobody knows whether it was decided."""
PAUSES = (0.1, 1.0)
TIMEOUT = httpx.Timeout(4.0, connect=1.0)

BUILDINGS, BOARDS, NOTIFICATIONS, REPORTING = "buildings", "boards", "notifications", "reporting"


@dataclass(frozen=True, slots=True)
class Command:
    """One command, the same however often it is asked."""

    service: str
    path: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: str(uuid4()))


@dataclass(slots=True)
class Accounts:
    """What clients wrote down."""

    accepted: list[Accepted] = field(default_factory=list)
    unknown: list[Command] = field(default_factory=list)
    """Commands that were never answered: they may have been decided, or not."""
    refused: list[str] = field(default_factory=list)
    """Commands that were answered with a no that asking again does not change; the load contains none."""
    asked_again: int = 0
    """How often a command was repeated because no answer came, or not yet the right one."""


class Load:
    """A mix of commands of the programme: buildings, their boards, petitions about them."""

    def __init__(self, addresses: Callable[[str], list[str]], token: str, dice: random.Random, rate: float) -> None:
        """Ask the services at these addresses at most so many times a second."""
        self._addresses = addresses
        self._dice = dice
        self._between = 1.0 / rate
        self._next = 0.0
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._known: list[str] = []
        self._leaving = asyncio.Event()
        self.accounts = Accounts()
        today = datetime.now(HANOI).date()
        self.days = [str(today - timedelta(days=ago)) for ago in (6, 5, 4, 3, 2)]

    async def close(self) -> None:
        """Ask no more."""
        await self._http.aclose()

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        """Ask all the while; at the end wait for the answers that are owed."""
        self._leaving.clear()
        hands = [asyncio.create_task(self._clerk()) for _ in range(CLERKS)]
        hands += [asyncio.create_task(self._surveyor()) for _ in range(SURVEYORS)]
        try:
            yield
            self._leaving.set()
            await asyncio.gather(*hands)
        finally:
            for one in hands:
                one.cancel()
            await asyncio.gather(*hands, return_exceptions=True)

    async def tell(self, command: Command, patience: float = PATIENCE) -> Accepted | None:
        """Ask until there is an answer and write it down; nothing when there is none, or a no."""
        until, pause = time.monotonic() + patience, PAUSES[0]
        while True:
            answer = await self._ask(command)
            if answer is not None and answer.status_code == httpx.codes.CREATED:
                said = answer.json()
                accepted = Accepted(said["id"], command.service, said["type"], said["subject"], said["version"])
                self.accounts.accepted.append(accepted)
                return accepted
            # News that is on its way, a database that is away, nobody there: the same will be answered later.
            passes = answer is None or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
            if answer is not None and not passes and not answer.headers.get("Retry-After"):
                self.accounts.refused.append(f"{command.service} {command.path}: {answer.status_code} {answer.text}")
                return None
            if time.monotonic() > until:
                self.accounts.unknown.append(command)
                return None
            self.accounts.asked_again += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSES[1])

    async def seen(self, event: str, patience: float = PATIENCE) -> None:
        """Wait until the report knows an event."""
        asked = {"unit": WARD, "from": self.days[0], "to": self.days[-1], "min_position": event}
        until = time.monotonic() + patience
        while time.monotonic() < until:
            base = self._dice.choice(self._addresses(REPORTING))
            with suppress(httpx.TransportError):
                answer = await self._http.get(f"{base}/v1/reports/thong-tri-05", params=asked)
                if answer.status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(PAUSES[0])
        message = f"the report does not know {event} after {patience:.0f} s"
        raise TimeoutError(message)

    async def _ask(self, command: Command) -> httpx.Response | None:
        base = self._dice.choice(self._addresses(command.service))
        try:
            return await self._http.post(
                f"{base}{command.path}", json=command.body, headers={"Idempotency-Key": command.key}
            )
        except httpx.TransportError:
            return None

    async def _pace(self) -> None:
        now = time.monotonic()
        self._next = max(self._next + self._between, now)
        await asyncio.sleep(self._next - now)

    async def _do(self, service: str, path: str, **body: Any) -> Accepted | None:
        await self._pace()
        return await self.tell(Command(service, path, body))

    async def _clerk(self) -> None:
        while not self._leaving.is_set():
            await self.petition()

    async def petition(self) -> Accepted | None:
        """File a petition, and as a rule flag and answer it."""
        petition = str(uuid4())
        place = {"building": self._dice.choice(self._known)} if self._known else {"unit": WARD}
        filed = {"kind": "FEEDBACK", "topic": "FIRE_SAFETY", "channel": "COUNTER", "on": self.days[2], **place}
        first = await self._do(BOARDS, "/v1/petitions", petition_id=petition, **filed)
        steps = [("complexity", {"reason": "LONG_RUNNING"}), ("resolution", {"outcome": "UPHELD"})]
        for step, body in steps[: self._dice.randint(0, 2)]:
            if first is None or self._leaving.is_set():
                break
            await self._do(BOARDS, f"/v1/petitions/{petition}/{step}", on=self.days[3], **body)
        return first

    async def _surveyor(self) -> None:
        while not self._leaving.is_set():
            await self.building()

    async def building(self) -> None:
        """Register a building and put it in use; as a rule its board is formed and reviewed."""
        building, board, day = str(uuid4()), str(uuid4()), self.days
        registered = await self._do(
            BUILDINGS,
            "/v1/buildings",
            building_id=building,
            ward=WARD,
            name=f"Nhà chung cư minh họa {building}",
            address="Phố Minh Họa",
            blocks=1,
            storeys=9,
            apartments=90,
            lift=True,
            owners="MULTIPLE",
            on=day[0],
        )
        if registered is None or await self._do(BUILDINGS, f"/v1/buildings/{building}/use", on=day[1]) is None:
            return
        if self._leaving.is_set():
            return
        formed = await self._do(
            BOARDS,
            "/v1/boards",
            board_id=board,
            building_ids=[building],
            decision={"symbol": "minh-hoa-1/QĐ-UBND", "date": day[2], "issuer": "UBND phường Việt Hưng"},
            members=[{"person": str(_person(board, nth)), "role": role} for nth, role in enumerate(ROLES)],
        )
        if formed is not None:
            self._known.append(building)
            if not self._leaving.is_set():
                await self._do(BOARDS, f"/v1/boards/{board}/reviews", on=day[3])


ROLES = ("HEAD", "DEPUTY", "MEMBER")


def _person(board: str, nth: int) -> UUID:
    return UUID(int=(UUID(board).int + nth) % (1 << 128))
