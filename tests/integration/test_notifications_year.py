"""Whether units, heads of boards and systems are told, and who was erased is forgotten. Everybody here is synthetic."""

import asyncio
import base64
import itertools
import json
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from standardwebhooks import Webhook, WebhookVerificationError

from services.notifications import store
from services.notifications.consumers import call, consumers, decide, send
from services.notifications.domain.contact import Addresses
from services.notifications.domain.delivery import Sent, Temporary
from services.notifications.domain.webhook import Endpoint
from services.notifications.gateways import Systems, systems
from shared.consumers import Delivery, Work
from shared.database import Record
from shared.events import (
    CATALOGUE,
    BoardClosed,
    BoardConsolidated,
    BoardFormed,
    BoardMemberEnded,
    BuildingAssignedToUnit,
    Circumstances,
    ContactRecorded,
    DirectiveIssued,
    Document,
    Event,
    LiaisonNamed,
    PersonErased,
    TrainingAnnounced,
    WebhookFailed,
    hear,
    tell,
)
from shared.events.boards import Assignee, AssigneeBody, Closure, Departure, Member, Role, TrainingTopic
from shared.events.buildings import Place
from shared.events.notifications import Channel, Language
from shared.seal import Seal
from shared.settings import Environment, Settings
from shared.uuids import uuid7
from tests.conftest import Serve, Served
from tests.examples import (
    BUILDING,
    DAY,
    DISTRICT,
    OTHER_WARD,
    OTHER_WARD_ID,
    WARD,
    WARD_ID,
    building_registered,
    petition_filed,
    unit_established,
)

BEFORE = date(2026, 1, 5)
DEVELOPMENT = Settings(env=Environment.DEVELOPMENT)
SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"

pytestmark = pytest.mark.asyncio


def said(event: Event, version: int = 1, **given: Any) -> bytes:
    """Tell an event as its service does."""
    moment = {"id": uuid7(), "time": datetime.now(UTC), "actor": "test", "correlation": uuid4(), "version": version}
    return tell(event, Circumstances(**{**moment, **given})).body


def taken_back(body: bytes) -> bytes:
    """Take an event back altogether."""
    one = json.loads(body)
    return json.dumps({**one, "id": str(uuid7()), "version": 9, "corrects": one["id"], "data": None}).encode()


class World:
    """The service on its database, its workers called by hand and its clock moved by hand."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.work = Work(served.database, served.process.settings, lambda: datetime.now(UTC), lambda: None, self._apply)
        self._later = timedelta(0)

    @property
    def with_mail(self) -> Work:
        """Return the work of a process that could send e-mail, to a server that is not there."""
        return self._changed(smtp_url="smtp://127.0.0.1:1")

    @property
    def in_production(self) -> Work:
        """Return the work of a process in production."""
        return self._changed(env=Environment.PRODUCTION)

    def _changed(self, **settings: Any) -> Work:
        return replace(self.work, settings=self.work.settings.model_copy(update=settings))

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        await consumers.settle(self.served.database, deliveries)

    async def hear(self, *bodies: bytes) -> None:
        await self._apply([Delivery(body) for body in bodies])

    async def later(self, pause: timedelta) -> None:
        """Move the service's clock on."""
        self._later += pause
        async with self.served.database.transaction() as tx:
            await tx.execute("DELETE FROM clock_setting")
            await tx.execute("INSERT INTO clock_setting VALUES (now() + $1)", self._later)

    async def rows(self, sql: str, *values: object) -> list[Record]:
        async with self.served.database.transaction() as tx:
            return await tx.fetch(sql, *values)

    async def told(self) -> list[Any]:
        return [hear(row["body"].encode(), CATALOGUE) for row in await self.rows("SELECT body FROM event_log")]

    async def contact(self, person: UUID, unit: str = WARD_ID, **given: Any) -> httpx.Response:
        body = {"person": str(person), "unit": unit, "name": "Người Minh Họa", **given}
        return await self.served.client.post("/v1/contacts", json=body)

    async def inbox(self, person: UUID) -> list[Any]:
        answer = await self.served.client.get(f"/v1/inbox/{person}")
        items: list[Any] = answer.json()["items"]
        return items

    async def subscribe(self, url: str, unit: str = WARD_ID, endpoint: UUID | None = None) -> httpx.Response:
        body = {"endpoint_id": str(endpoint or uuid4()), "unit": unit, "url": url, "secret": SECRET}
        return await self.served.client.post("/v1/webhooks", json=body)

    async def persons_told(self) -> set[UUID]:
        return {row["person"] for row in await self.rows("SELECT person FROM delivery")}


@pytest_asyncio.fixture
async def world(serve: Serve) -> World:
    """Serve the API on a fresh database that knows a district and two wards."""
    one = World(await serve("notifications"))
    await one.hear(*(said(unit_established(path)) for path in (DISTRICT, WARD, OTHER_WARD)))
    return one


# Directives


def liaison(unit: str, person: UUID) -> bytes:
    place = unit.rpartition(".")[2]
    return said(LiaisonNamed(subject=place, unit=unit, on=BEFORE, place=Place.UNIT, person=person))


def directive(*units: str, **given: Any) -> bytes:
    bodies = (AssigneeBody.PARTY_COMMITTEE, AssigneeBody.PEOPLES_COMMITTEE)
    issued = DirectiveIssued(
        subject=str(uuid4()),
        unit=DISTRICT,
        on=DAY,
        conference=None,
        number=1,
        title="Rà soát ban quản trị (minh họa)",
        assignees=tuple(Assignee(body=body, unit_assigned=unit) for unit in units for body in bodies),
        due=None,
    )
    return said(issued, **given)


async def test_the_liaison_of_each_assigned_unit_is_told_of_a_directive_once_in_any_order(serve: Serve) -> None:
    for order in itertools.permutations(range(4)):
        world = World(await serve("notifications"))
        person, other = uuid4(), uuid4()
        facts = [said(unit_established(DISTRICT)), said(unit_established(WARD)), liaison(WARD, person)]
        facts.append(directive(WARD_ID, OTHER_WARD_ID))
        await world.hear(said(unit_established(OTHER_WARD)), liaison(OTHER_WARD, other))
        await world.contact(other, OTHER_WARD_ID)
        for step in order:
            await world.hear(facts[step], facts[step])
            await decide(world.work)
        await world.contact(person)
        await world.later(timedelta(minutes=5))
        await decide(world.work)

        (item,) = await world.inbox(person)
        assert item["subject"] == f"Nhiệm vụ mới giao Đơn vị minh họa {WARD_ID}: số 1"
        assert item["unit"] == WARD
        assert item["text"].startswith("Dữ liệu minh hoạ · Illustration data\n\nKính gửi")
        assert "- Cơ quan thực hiện: cấp ủy; ủy ban nhân dân\n" in item["text"]
        assert len(await world.inbox(other)) == 1


async def test_a_directive_without_assignee_an_old_and_a_corrected_one_are_told_to_nobody(world: World) -> None:
    person = uuid4()
    await world.contact(person)

    await world.hear(
        liaison(WARD, person),
        directive(),
        directive(WARD_ID, takeover=uuid4()),
        directive(WARD_ID, version=2, corrects=uuid4()),
    )
    await decide(world.work)

    assert await world.inbox(person) == []
    notices = await world.rows("SELECT place, status, reason FROM notice ORDER BY reason")
    assert [tuple(row) for row in notices] == [
        (WARD_ID, "SUPPRESSED", "CORRECTION"),
        (WARD_ID, "SUPPRESSED", "HISTORICAL"),
    ]


async def test_an_assigned_ward_sees_the_notice_that_its_district_made_and_another_does_not(world: World) -> None:
    person = uuid4()
    await world.contact(person)
    await world.hear(liaison(WARD, person), directive(WARD_ID))
    await decide(world.work)

    for path in ("/v1/notices", "/v1/deliveries", f"/v1/inbox/{person}"):
        own = await world.served.client.get(path, headers=world.served.by(WARD))
        foreign = await world.served.client.get(path, headers=world.served.by(OTHER_WARD))
        assert len(own.json()["items"]) == 1
        assert foreign.json()["items"] == []


# Classes for heads of boards


class Board:
    """A board in a ward, formed long ago, and the facts told of it."""

    def __init__(self, ward: str = WARD, other: str = OTHER_WARD) -> None:
        self.id, self.building = uuid4(), uuid4()
        self.ward, self.other = ward, other
        self.head, self.next = uuid4(), uuid4()
        self._of: dict[str, Any] = {"subject": str(self.id), "unit": ward}

    def registered(self, ward: str | None = None) -> bytes:
        return said(building_registered(self.building, on=BEFORE, unit=ward or self.ward))

    def moved(self, to: str, on: date) -> bytes:
        moved = BuildingAssignedToUnit(subject=str(self.building), unit=to, on=on, ward=to.rpartition(".")[2])
        return said(moved, 2)

    def formed(self, term_to: date = date(2028, 1, 4), **given: Any) -> bytes:
        formed = BoardFormed(
            **self._of,
            on=BEFORE,
            building_ids=(self.building,),
            decision=Document(symbol="minh-hoa-1/QĐ-UBND", date=BEFORE, issuer="UBND minh họa"),
            elected_on=None,
            term_from=BEFORE,
            term_to=term_to,
            members=self._members(self.head),
        )
        return said(formed, **{"takeover": uuid4(), **given})

    def consolidated(self, head: UUID | None, on: date = date(2026, 2, 1), version: int = 2, **given: Any) -> bytes:
        consolidated = BoardConsolidated(
            **self._of,
            on=on,
            decision=Document(symbol="minh-hoa-2/QĐ-UBND", date=on, issuer="UBND minh họa"),
            term_from=BEFORE,
            term_to=date(2028, 1, 4),
            members=self._members(head),
        )
        return said(consolidated, version, **given)

    def left(self, person: UUID, on: date = date(2026, 2, 10), version: int = 3) -> bytes:
        return said(BoardMemberEnded(**self._of, on=on, person=person, reason=Departure.MOVED), version)

    def closed(self, on: date, version: int = 4) -> bytes:
        return said(BoardClosed(**self._of, on=on, reason=Closure.DISSOLVED), version)

    def _members(self, head: UUID | None) -> tuple[Member, ...]:
        others = tuple(Member(person=uuid4(), role=role) for role in (Role.DEPUTY, Role.MEMBER))
        return others if head is None else (others[0], Member(person=head, role=Role.HEAD), others[1])


def training(unit: str = DISTRICT, on: date = DAY, training_id: UUID | None = None, **given: Any) -> bytes:
    announced = TrainingAnnounced(
        subject=str(training_id or uuid4()),
        unit=unit,
        on=on,
        topics=(TrainingTopic.FIRE, TrainingTopic.RESCUE),
        held_on=date(2026, 3, 20),
    )
    return said(announced, **given)


async def everybody(world: World, *boards: Board) -> None:
    """Let everybody be reached who could be told."""
    for board in boards:
        for person in (board.head, board.next):
            assert (await world.contact(person)).status_code == 201


async def test_the_head_of_a_board_is_told_of_a_class_and_of_which_board(world: World) -> None:
    board = Board()
    await everybody(world, board)

    await world.hear(board.registered(), board.formed(), training())
    await decide(world.work)

    (item,) = await world.inbox(board.head)
    assert item["subject"] == "Tập huấn dành cho trưởng ban quản trị nhà chung cư, ngày 20/03/2026"
    assert f"trưởng ban quản trị Nhà chung cư minh họa {str(board.building)[:4]}" in item["text"]
    assert item["unit"] == WARD
    assert await world.persons_told() == {board.head}


FEBRUARY, AFTER = date(2026, 2, 1), DAY + timedelta(days=1)
CASES: dict[str, tuple[Callable[[Board], list[bytes]], set[str]]] = {
    "formed": (lambda b: [b.formed()], {"head"}),
    "consolidated": (lambda b: [b.formed(), b.consolidated(b.next)], {"next"}),
    "consolidated on the day": (lambda b: [b.formed(), b.consolidated(b.next, DAY)], {"next"}),
    "consolidated after the day": (lambda b: [b.formed(), b.consolidated(b.next, AFTER)], {"head"}),
    "consolidated without a head": (lambda b: [b.formed(), b.consolidated(None)], set()),
    "head left": (lambda b: [b.formed(), b.left(b.head)], set()),
    "head left on the day": (lambda b: [b.formed(), b.left(b.head, DAY)], set()),
    "head left after the day": (lambda b: [b.formed(), b.left(b.head, AFTER)], {"head"}),
    "another member left": (lambda b: [b.formed(), b.left(uuid4())], {"head"}),
    "head left and came back": (
        lambda b: [b.formed(), b.left(b.head, FEBRUARY, 2), b.consolidated(b.head, DAY, 3)],
        {"head"},
    ),
    "closed": (lambda b: [b.formed(), b.closed(FEBRUARY)], set()),
    "closed on the day": (lambda b: [b.formed(), b.closed(DAY)], set()),
    "closed after the day": (lambda b: [b.formed(), b.closed(AFTER)], {"head"}),
    "term over": (lambda b: [b.formed(DAY - timedelta(days=1))], set()),
    "last day of the term": (lambda b: [b.formed(DAY)], {"head"}),
    "term over, put in order": (lambda b: [b.formed(FEBRUARY), b.consolidated(b.next)], {"next"}),
    "formation taken back": (lambda b: with_its_end(b.formed()), set()),
    "consolidation taken back": (lambda b: [b.formed(), *with_its_end(b.consolidated(b.next))], {"head"}),
    "elsewhere": (lambda b: [b.formed(), b.registered(b.other)], set()),
    "moved here before": (lambda b: [b.formed(), b.registered(b.other), b.moved(b.ward, FEBRUARY)], {"head"}),
    "moved away before": (lambda b: [b.formed(), b.registered(b.ward), b.moved(b.other, FEBRUARY)], set()),
    "moved away after the day": (lambda b: [b.formed(), b.registered(b.ward), b.moved(b.other, AFTER)], {"head"}),
}
"""What has been told of a board, and who of it is told of a class in its ward."""


def with_its_end(body: bytes) -> list[bytes]:
    return [body, taken_back(body)]


@pytest.mark.parametrize("case", CASES)
async def test_who_is_told_is_the_head_of_a_board_in_force_there_on_that_day_in_any_order(
    world: World, case: str
) -> None:
    of_board, told = CASES[case]
    boards = []
    for number, order in enumerate(itertools.permutations(range(len(of_board(Board())) + 1))):
        board = Board(f"{DISTRICT}.Q004-{number:05}-v1", f"{DISTRICT}.Q004-{number:05}-v2")
        facts = [*of_board(board), training(board.ward)]
        await everybody(world, board)
        await world.hear(said(unit_established(board.ward)), *(facts[step] for step in order for _ in range(2)))
        boards.append(board)
    await decide(world.work)
    await world.later(timedelta(hours=2))  # what buildings are called is not waited for any longer
    await decide(world.work)

    assert await world.persons_told() == {getattr(board, one) for board in boards for one in told}


async def test_boards_that_are_heard_of_late_are_told_of_a_class_all_the_same(world: World) -> None:
    chance = random.Random(20260302)
    boards = [Board() for _ in range(8)]
    await everybody(world, *boards)
    facts = [training(), *(fact for board in boards for fact in (board.registered(), board.formed()))]
    chance.shuffle(facts)

    for fact in facts:
        await world.hear(fact, fact)
        await decide(world.work)
    await world.later(timedelta(minutes=5))
    await decide(world.work)

    assert await world.persons_told() == {board.head for board in boards}
    assert len(await world.rows("SELECT FROM delivery")) == len(boards)


async def test_a_class_for_a_ward_is_not_told_to_boards_of_another_and_an_old_or_withdrawn_one_to_nobody(
    world: World,
) -> None:
    board, other = Board(), Board(OTHER_WARD)
    await everybody(world, board, other)
    announced = training(WARD, training_id=uuid4())

    await world.hear(board.registered(), other.registered(), board.formed(), other.formed())
    await world.hear(training(WARD, takeover=uuid4()), training(WARD, version=2, corrects=uuid4()))
    await world.hear(announced, taken_back(announced))
    await decide(world.work)

    assert await world.persons_told() == set()

    await world.hear(training(WARD))
    await decide(world.work)

    assert await world.persons_told() == {board.head}


async def test_a_board_without_a_head_is_seen_among_the_notices(world: World) -> None:
    board = Board()

    await world.hear(board.registered(), board.formed(), board.left(board.head), training())
    await decide(world.work)

    answer = await world.served.client.get("/v1/notices", headers=world.served.by(WARD))
    (notice,) = [one for one in answer.json()["items"] if one["rule"] == "training-announced-heads"]
    assert (notice["place"], notice["holder"], notice["reason"]) == (str(board.id), "HEAD", "NO_HEAD")


async def test_a_head_of_two_boards_is_told_once(world: World) -> None:
    one, two = Board(), Board(OTHER_WARD)
    two.head = one.head
    await everybody(world, one, two)

    await world.hear(one.registered(), two.registered(), one.formed(), two.formed(), training())
    await decide(world.work)

    assert len(await world.inbox(one.head)) == 1
    assert len(await world.rows("SELECT FROM notice WHERE status = 'DECIDED' AND holder = 'HEAD'")) == 2


# People who were erased


def erasure(person: UUID) -> bytes:
    return said(PersonErased(subject=str(person), unit=WARD, on=DAY))


async def test_the_contact_of_somebody_erased_is_destroyed_and_what_was_due_is_not_sent(world: World) -> None:
    person, other = uuid4(), uuid4()
    for one in (person, other):
        await world.contact(one, email="minhhoa@phuong.example")
    await world.hear(liaison(WARD, person), liaison(OTHER_WARD, other), directive(WARD_ID, OTHER_WARD_ID))
    await decide(world.work)

    await world.hear(erasure(person), erasure(person))

    (kept,) = await world.rows("SELECT person FROM contact")
    assert kept["person"] == other
    due = await world.rows("SELECT person, status, reason FROM delivery WHERE channel = 'EMAIL'")
    assert {tuple(row) for row in due} == {(person, "SUPPRESSED", "ERASED"), (other, "DUE", None)}
    for path in (f"/v1/contacts/{person}", f"/v1/inbox/{person}"):
        assert (await world.served.client.get(path)).status_code == 404
        assert (await world.served.client.get(path.replace(str(person), str(other)))).status_code == 200


async def test_who_was_erased_before_is_not_recorded(world: World) -> None:
    person = uuid4()
    await world.hear(erasure(person))

    refused = await world.contact(person)

    assert (refused.status_code, refused.json()["type"], refused.json()["pointer"]) == (
        409,
        "person-was-erased",
        "/person",
    )
    assert await world.rows("SELECT FROM contact") == []


async def test_an_erasure_that_was_taken_back_destroys_nothing_whichever_comes_first(world: World) -> None:
    for backwards in (False, True):
        person = uuid4()
        erased = erasure(person)
        facts = [erased, taken_back(erased)]
        if backwards:
            await world.contact(person)
            facts.reverse()
        await world.hear(*facts)

        assert (await world.contact(person)).status_code == 201


async def test_a_contact_that_is_being_recorded_while_the_erasure_is_heard_does_not_stay(world: World) -> None:
    person = uuid4()
    recorded = ContactRecorded(subject=str(person), unit=WARD, on=DAY, channels=(Channel.INBOX,), language=Language.VI)

    async with world.served.database.transaction() as tx:
        ground = await store.contact.ground(tx, person, WARD_ID, ["HN"])
        heard = asyncio.create_task(world.hear(erasure(person)))
        await asyncio.wait([heard], timeout=0.3)
        seal = Seal(world.work.settings.master_key_file)
        await store.contact.contact_recorded(tx, recorded, Addresses(name="Người Minh Họa"), seal)
    await heard

    assert not ground.erased
    assert await world.rows("SELECT FROM contact") == []


async def test_a_delivery_that_was_decided_while_the_erasure_was_heard_is_not_sent(world: World) -> None:
    person = uuid4()
    await world.contact(person, email="minhhoa@phuong.example")
    await world.hear(liaison(WARD, person), directive(WARD_ID))
    await decide(world.work)
    await world.hear(erasure(person))
    async with world.served.database.transaction() as tx:
        await tx.execute("UPDATE delivery SET status = 'DUE', reason = NULL, next_at = clock() WHERE channel = 'EMAIL'")

    await send(world.with_mail)

    (row,) = await world.rows("SELECT status, reason FROM delivery WHERE channel = 'EMAIL'")
    assert tuple(row) == ("SUPPRESSED", "ERASED")
    assert [told.type for told in await world.told()] == [ContactRecorded.type]


# Systems of units


@dataclass
class Receiver:
    """A system that takes messages of Standard Webhooks as the library for receivers does."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """What to answer, one a call; then 204."""
    pause: float = 0.0
    """Seconds to think about each call."""
    endless: bool = False
    """Whether the answer never ends."""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    certify: Callable[[str, str], None] = lambda _certificate, _key: None
    """Lets it speak TLS from now on."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nhan-tin?khoa=bi-mat"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        time.sleep(self.pause)
        try:
            Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError as error:
            self.refused.append(str(error))
            return 401, {}
        assert path == "/nhan-tin?khoa=bi-mat"
        self.taken.append(({name.lower(): value for name, value in headers.items()}, body))
        return self.answers.pop(0) if self.answers else (204, {})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run an HTTP server."""
    keeper = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = keeper.take(self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                while keeper.endless:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                keeper.endless = False  # whoever called has gone

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    keeper.port = server.server_port

    def certify(certificate: str, key: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)

    keeper.certify = certify
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield keeper
    server.shutdown()
    thread.join()
    server.server_close()


def petition(**given: Any) -> bytes:
    return said(petition_filed(uuid4()), **given)


async def called(world: World) -> None:
    """Decide and call."""
    await decide(world.work)
    await call(world.work)


async def test_a_system_is_told_what_its_unit_is_told_signed_and_without_anything_personal(
    world: World, receiver: Receiver
) -> None:
    person, filed = uuid4(), petition()
    await world.contact(person, email="minhhoa@phuong.example")
    assert (await world.subscribe(receiver.url)).status_code == 201
    await world.hear(said(building_registered(BUILDING, on=BEFORE)), liaison(WARD, person), filed)

    await called(world)
    await called(world)

    ((headers, body),) = receiver.taken
    event, sent = json.loads(filed), json.loads(body)
    (delivery,) = await world.rows("SELECT id, status, person FROM delivery WHERE channel = 'WEBHOOK'")
    assert (headers["webhook-id"], delivery["status"], delivery["person"]) == (str(delivery["id"]), "SENT", None)
    assert headers["content-type"] == "application/json"
    texts = sent["data"].pop("text")
    assert sent == {
        "type": event["type"],
        "timestamp": event["time"],
        "data": {
            "event": event["id"],
            "type": event["type"],
            "subject": event["subject"],
            "unit": WARD,
            "on": event["occurredon"],
            "synthetic": True,
        },
    }
    assert texts["vi"]["subject"] == f"Đơn mới tại Đơn vị minh họa {WARD_ID}: khiếu nại"
    assert texts["en"]["subject"] == f"New petition in Đơn vị minh họa {WARD_ID}: complaint"
    assert str(person) not in body.decode()
    assert len(await world.inbox(person)) == 1


async def test_a_system_is_told_though_nobody_is_liaison_and_others_are_not(world: World, receiver: Receiver) -> None:
    await world.subscribe(receiver.url, OTHER_WARD_ID)
    await world.hear(said(building_registered(BUILDING, on=BEFORE)), petition())
    await called(world)
    foreign = len(receiver.taken)

    await world.subscribe(receiver.url)
    await called(world)
    earlier = len(receiver.taken)
    await world.hear(petition(), directive(WARD_ID), petition(takeover=uuid4()), petition(version=2, corrects=uuid4()))
    await called(world)

    assert (foreign, earlier) == (0, 0)
    kinds = sorted(json.loads(body)["type"] for _, body in receiver.taken)
    assert kinds == ["boards.directive_issued.v1", "boards.petition_filed.v1"]


async def test_a_receiver_refuses_what_is_forged_and_what_is_old(receiver: Receiver) -> None:
    key = base64.b64encode(bytes(32)).decode()
    now = datetime.now(UTC)
    calls: list[tuple[str, datetime]] = [(f"whsec_{key}", now), (SECRET, now - timedelta(minutes=6))]
    systems = Systems(DEVELOPMENT)

    outcomes = [
        await systems.send(uuid4(), Endpoint(url=receiver.url, secret=secret), b"{}", at) for secret, at in calls
    ]

    assert [getattr(one, "reason", None) for one in outcomes] == ["HTTP_401", "HTTP_401"]
    assert receiver.refused == ["No matching signature found", "Message timestamp too old"]
    assert receiver.taken == []


@pytest.mark.parametrize("status", [500, 503, 408, 425, 429])
async def test_a_passing_refusal_is_tried_again_under_the_same_id_with_the_same_message(
    world: World, receiver: Receiver, status: int
) -> None:
    receiver.answers = [(status, {})]
    await world.subscribe(receiver.url)
    await world.hear(petition())
    await world.later(timedelta(hours=1))  # the building is not heard of

    await called(world)
    await called(world)
    early = len(receiver.taken)
    (waiting,) = await world.rows("SELECT status, reason, attempts FROM delivery")
    await world.later(timedelta(minutes=2))
    await called(world)

    assert (early, tuple(waiting)) == (1, ("DUE", f"HTTP_{status}", 1))
    (first, said_first), (second, said_second) = receiver.taken
    assert (first["webhook-id"], said_first) == (second["webhook-id"], said_second)
    assert [row["status"] for row in await world.rows("SELECT status FROM delivery")] == ["SENT"]


async def test_it_is_not_tried_again_before_the_receiver_wants_it(world: World, receiver: Receiver) -> None:
    receiver.answers = [(429, {"Retry-After": "7200"})]
    await world.subscribe(receiver.url)
    await world.hear(petition())
    await world.later(timedelta(hours=1))

    await called(world)
    for minutes in (5, 110, 10):
        calls = len(receiver.taken)
        await world.later(timedelta(minutes=minutes))
        await called(world)
        assert len(receiver.taken) == calls + (minutes == 10)


@pytest.mark.parametrize("status", [400, 401, 404, 410, 302])
async def test_a_final_refusal_is_given_up_and_told(world: World, receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {"Location": receiver.url})]
    await world.subscribe(receiver.url)
    filed = petition()
    await world.hear(filed)
    await world.later(timedelta(hours=1))

    await called(world)
    await world.later(timedelta(days=3))
    await called(world)

    (delivery,) = await world.rows("SELECT id, status, reason, attempts FROM delivery")
    assert tuple(delivery)[1:] == ("FAILED", f"HTTP_{status}", 1)
    _, told = await world.told()
    assert told.event == WebhookFailed(
        subject=str(delivery["id"]),
        unit=WARD,
        on=told.on,
        about=UUID(json.loads(filed)["id"]),
        reason=f"HTTP_{status}",
    )
    assert b"127.0.0.1" not in told.body
    assert len(receiver.taken) == 1


async def test_a_receiver_that_is_not_there_is_given_up_after_the_last_retry(world: World, receiver: Receiver) -> None:
    await world.subscribe("http://127.0.0.1:1/")
    await world.hear(petition())
    await world.later(timedelta(hours=1))
    await decide(world.work)

    for _ in range(12):
        await call(world.work)
        await world.later(timedelta(days=3))

    (delivery,) = await world.rows("SELECT status, reason, attempts FROM delivery")
    assert tuple(delivery) == ("FAILED", "UNREACHABLE", 9)
    assert [told.type for told in await world.told()][1:] == [WebhookFailed.type]


async def test_an_answer_that_never_ends_is_not_read(world: World, receiver: Receiver) -> None:
    receiver.endless = True
    await world.subscribe(receiver.url)
    await world.hear(petition())
    await world.later(timedelta(hours=1))

    async with asyncio.timeout(5):
        await called(world)

    assert [row["status"] for row in await world.rows("SELECT status FROM delivery")] == ["SENT"]


async def test_two_workers_call_once(world: World, receiver: Receiver) -> None:
    receiver.pause = 0.3
    await world.subscribe(receiver.url)
    await world.hear(petition())
    await world.later(timedelta(hours=1))

    await asyncio.gather(*(decide(world.work) for _ in range(3)))
    await asyncio.gather(*(call(world.work) for _ in range(3)))

    assert len(receiver.taken) == 1


async def test_in_production_nothing_on_this_machine_is_called_whatever_name_leads_to_it(
    world: World, receiver: Receiver
) -> None:
    await world.subscribe(f"https://localhost:{receiver.port}/")
    await world.hear(petition())
    await world.later(timedelta(hours=1))

    await decide(world.work)
    await call(world.in_production)

    assert (receiver.taken, receiver.refused) == ([], [])
    (delivery,) = await world.rows("SELECT status, reason FROM delivery")
    assert tuple(delivery) == ("FAILED", "NOT_PUBLIC")


async def test_a_system_that_is_not_there_by_https_may_be_there_later() -> None:
    endpoint = Endpoint(url="https://127.0.0.1:1/", secret=SECRET)

    outcome = await Systems(DEVELOPMENT).send(uuid4(), endpoint, b"{}", datetime.now(UTC))

    assert getattr(outcome, "reason", None) == "UNREACHABLE"


@pytest.fixture
def certified(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Let the server speak TLS as `localhost`, by a certificate that its own authority vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    for file, content in (
        ("certificate", certificate.public_bytes(Encoding.PEM)),
        ("key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
    ):
        tmp_path.joinpath(file).write_bytes(content)
    receiver.certify(str(tmp_path / "certificate"), str(tmp_path / "key"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate"))
    systems._trusted.cache_clear()
    yield receiver
    systems._trusted.cache_clear()


async def test_the_certificate_must_be_for_the_name_and_not_for_the_address(certified: Receiver) -> None:
    by_name, by_address = (
        Endpoint(url=f"https://{host}:{certified.port}/nhan-tin?khoa=bi-mat", secret=SECRET)
        for host in ("localhost", "127.0.0.1")
    )
    now = datetime.now(UTC)

    assert await Systems(DEVELOPMENT).send(uuid4(), by_name, b"{}", now) == Sent()
    assert await Systems(DEVELOPMENT).send(uuid4(), by_address, b"{}", now) == Temporary("UNREACHABLE")
    ((headers, _),) = certified.taken
    assert headers["host"] == f"localhost:{certified.port}"


async def test_a_subscription_is_sealed_shown_masked_and_never_told(world: World, receiver: Receiver) -> None:
    endpoint = uuid4()
    first = await world.subscribe(receiver.url, endpoint=endpoint)
    again = await world.subscribe(receiver.url, endpoint=endpoint)
    listed = await world.served.client.get("/v1/webhooks")
    shown = await world.served.client.get(f"/v1/webhooks/{endpoint}")
    kept = str([dict(row) for row in await world.rows("SELECT s.*, l.body FROM endpoint AS s, event_log AS l")])

    assert (first.status_code, first.json()["type"], first.json()["data"]) == (
        201,
        "notifications.webhook_subscribed.v1",
        {},
    )
    assert (again.status_code, again.json()["type"]) == (409, "webhook-already-subscribed")
    (item,) = listed.json()["items"]
    assert (item["unit"], item["url"], item["until_day"]) == (WARD, f"http://127.0.0.1:{receiver.port}/…", None)
    assert shown.json() == {**item, "history": [first.json()]}
    for secret in ("bi-mat", "nhan-tin", SECRET, SECRET.removeprefix("whsec_")):
        assert secret not in kept + first.text + listed.text + shown.text


async def test_another_district_subscribes_sees_and_ends_nothing(world: World, receiver: Receiver) -> None:
    endpoint = uuid4()
    await world.subscribe(receiver.url, endpoint=endpoint)
    client, there = world.served.client, world.served.by("HN.Q009")
    body = {"endpoint_id": str(uuid4()), "unit": WARD_ID, "url": receiver.url, "secret": SECRET}
    today = {"on": datetime.now(UTC).date().isoformat()}

    assert (await client.post("/v1/webhooks", json=body, headers=there)).status_code == 403
    assert (await client.post(f"/v1/webhooks/{endpoint}/end", json=today, headers=there)).status_code == 404
    assert (await client.get("/v1/webhooks", headers=there)).json()["items"] == []
    assert (await client.get(f"/v1/webhooks/{endpoint}", headers=there)).status_code == 404
    powerless = world.served.by("HN", permissions=("boards.read",))
    assert (await client.post("/v1/webhooks", json=body, headers=powerless)).status_code == 403
    assert (await client.get("/v1/webhooks", headers=powerless)).status_code == 403
    assert len(await world.rows("SELECT FROM endpoint")) == 1


async def test_a_wrong_address_or_secret_is_not_repeated_in_the_answer(world: World) -> None:
    for wrong in ({"url": "https://u:bi-mat@x.example/"}, {"secret": "bi-mat"}):
        body = {"endpoint_id": str(uuid4()), "unit": WARD_ID, "url": "https://x.example/", "secret": SECRET} | wrong
        answer = await world.served.client.post("/v1/webhooks", json=body)

        assert (answer.status_code, answer.json()["pointer"]) == (422, f"/{next(iter(wrong))}")
        assert "bi-mat" not in answer.text


async def test_a_system_whose_subscription_ended_is_told_no_more_and_its_address_is_gone(
    world: World, receiver: Receiver
) -> None:
    endpoint = uuid4()
    receiver.answers = [(500, {})]
    await world.subscribe(receiver.url, endpoint=endpoint)
    await world.hear(petition(), petition())
    await world.later(timedelta(hours=1))
    await called(world)
    await world.hear(petition())
    today = {"on": (datetime.now(UTC) + timedelta(hours=7)).date().isoformat()}

    ended = await world.served.client.post(f"/v1/webhooks/{endpoint}/end", json=today)
    again = await world.served.client.post(f"/v1/webhooks/{endpoint}/end", json=today)
    await world.later(timedelta(days=1))
    await world.hear(petition())
    await called(world)

    assert (ended.status_code, again.json()["type"]) == (201, "webhook-already-ended")
    assert len(receiver.taken) == 2
    deliveries = await world.rows("SELECT status, reason FROM delivery ORDER BY status")
    assert [tuple(row) for row in deliveries] == [("SENT", None), ("SUPPRESSED", "UNSUBSCRIBED")]
    notices = await world.rows("SELECT status, reason FROM notice WHERE holder = 'ENDPOINT' ORDER BY status, reason")
    assert [tuple(row) for row in notices] == [
        ("DECIDED", None),
        ("DECIDED", None),
        ("SUPPRESSED", "UNSUBSCRIBED"),
    ]
    (row,) = await world.rows("SELECT wrapped_key, sealed FROM endpoint")
    assert tuple(row) == (None, None)
    assert (await world.served.client.get(f"/v1/webhooks/{endpoint}")).json()["url"] is None
    listed = await world.served.client.get("/v1/webhooks", params={"open_only": "true"})
    assert listed.json()["items"] == []


async def test_deliveries_to_a_system_are_listed_apart_from_those_to_people(world: World, receiver: Receiver) -> None:
    person, endpoint = uuid4(), uuid4()
    await world.contact(person)
    await world.subscribe(receiver.url, endpoint=endpoint)
    await world.hear(liaison(WARD, person), petition())
    await world.later(timedelta(hours=1))
    await called(world)

    of_system = await world.served.client.get("/v1/deliveries", params={"endpoint": str(endpoint)})
    of_person = await world.served.client.get("/v1/deliveries", params={"person": str(person)})

    (one,), (other,) = of_system.json()["items"], of_person.json()["items"]
    assert (one["channel"], one["person"], one["endpoint"]) == ("WEBHOOK", None, str(endpoint))
    assert (other["channel"], other["person"], other["endpoint"]) == ("INBOX", str(person), None)
    shown = await world.served.client.get(f"/v1/deliveries/{one['id']}")
    assert shown.json()["status"] == "SENT"


async def test_what_was_taken_back_before_the_call_is_not_told_to_a_system(world: World, receiver: Receiver) -> None:
    filed = petition()
    await world.subscribe(receiver.url)
    await world.hear(filed)
    await world.later(timedelta(hours=1))
    await decide(world.work)

    await world.hear(taken_back(filed))
    await call(world.work)

    assert receiver.taken == []
    (delivery,) = await world.rows("SELECT status, reason FROM delivery")
    assert tuple(delivery) == ("SUPPRESSED", "WITHDRAWN")


async def test_nothing_of_a_system_is_logged(
    world: World, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.answers = [(410, {})]
    await world.subscribe(receiver.url)
    await world.hear(petition())
    await world.later(timedelta(hours=1))
    await called(world)
    printed = capsys.readouterr()

    assert "/v1/webhooks" in printed.out
    assert "bi-mat" not in printed.out + printed.err
    assert SECRET not in printed.out + printed.err
