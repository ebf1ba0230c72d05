"""Whether people are told: with PostgreSQL, and an SMTP server that is really asked. All people are synthetic."""

import asyncio
import base64
import itertools
import json
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from services.notifications import store
from services.notifications.app import service
from services.notifications.consumers import consumers, decide, send
from services.notifications.domain.contact import Addresses
from shared import event_log
from shared.auth import PERMISSIONS
from shared.consumers import Delivery, Work
from shared.database import Database, Record
from shared.events import (
    CATALOGUE,
    BoardFormed,
    BuildingLinkedToResidentialGroup,
    BuildingRegistered,
    BuildingUnlinkedFromResidentialGroup,
    Circumstances,
    ContactRecorded,
    DeliveryFailed,
    Document,
    Event,
    LiaisonNamed,
    PetitionFiled,
    ResidentialGroupFormed,
    UnitEstablished,
    hear,
    tell,
)
from shared.events.boards import Channel as CameBy
from shared.events.boards import Member, PetitionKind, Role, Topic
from shared.events.buildings import Owners, Place, UnitKind
from shared.events.notifications import Channel, Language
from shared.seal import Seal
from shared.service import Process
from shared.settings import Environment, Settings
from shared.uuids import uuid7
from tests.conftest import Databases, OwnDatabases

DAY = date(2026, 3, 2)
BEFORE = date(2026, 1, 5)

pytestmark = pytest.mark.asyncio


@dataclass
class Post:
    """An SMTP server's behaviour: it keeps what it takes, and refuses whom it was told to refuse."""

    port: int = 0
    refuses: dict[str, list[str]] = field(default_factory=dict)
    """Replies to give to an address, one an attempt; the last again and again."""
    pause: float = 0.0
    """Seconds to think about each address."""
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 (the server's own name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        await asyncio.sleep(self.pause)
        replies = self.refuses.get(address, [])
        if replies:
            return replies.pop(0) if len(replies) > 1 else replies[0]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (the server's own name)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content, EmailMessage, policy=policy.default))
        return "250 OK"


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    """Run an SMTP server."""
    keeper = Post()
    server = await asyncio.get_running_loop().create_server(partial(SMTP, keeper, hostname="test"), "127.0.0.1", 0)
    keeper.port = server.sockets[0].getsockname()[1]
    yield keeper
    server.close()


@pytest_asyncio.fixture
async def settings(tmp_path: Path, post: Post, databases: Databases) -> Settings:
    """Make a fresh migrated database; there is no broker."""
    tmp_path.joinpath("master_key").write_text(base64.b64encode(os.urandom(32)).decode())
    return OwnDatabases(
        env=Environment.DEVELOPMENT,
        addresses={"notifications": await databases.new("notifications")},
        rabbitmq_url="amqp://guest:guest@127.0.0.1:1/",
        jwks=str(tmp_path / "jwks.json"),
        master_key_file=tmp_path / "master_key",
        smtp_url=f"smtp://127.0.0.1:{post.port}",
        smtp_from="chungcu@thanhpho.example",
    )


class World:
    """The service on its database, its workers called by hand and its clock moved by hand."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.work = Work(database, settings, lambda: datetime.now(UTC), lambda: None, self._apply)
        self._later = timedelta(0)

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        await consumers.settle(self.database, deliveries)

    async def hear(self, *bodies: bytes) -> None:
        await consumers.settle(self.database, [Delivery(body) for body in bodies])

    async def decide_and_send(self) -> None:
        await decide(self.work)
        await send(self.work)

    async def later(self, pause: timedelta) -> None:
        """Move the service's clock on."""
        self._later += pause
        async with self.database.transaction() as tx:
            await tx.execute("DELETE FROM clock_setting")
            await tx.execute("INSERT INTO clock_setting VALUES (now() + $1)", self._later)

    async def contact(self, person: UUID, unit: str, email: str | None, language: Language = Language.VI) -> None:
        channels = (Channel.INBOX, Channel.EMAIL) if email else (Channel.INBOX,)
        event = ContactRecorded(subject=str(person), unit=unit, on=DAY, channels=channels, language=language)
        async with self.database.transaction() as tx:
            await event_log.lock(tx, person)
            addresses = Addresses(name="Người Minh Họa", email=email)
            await store.contact.contact_recorded(tx, event, addresses, Seal(self.settings.master_key_file))

    async def rows(self, sql: str, *values: object) -> list[Record]:
        async with self.database.transaction() as tx:
            return await tx.fetch(sql, *values)

    async def told(self) -> list[Any]:
        return [hear(row["body"].encode(), CATALOGUE) for row in await self.rows("SELECT body FROM event_log")]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[World]:
    """Open the service's database, as a process does when it starts."""
    database = Database(settings.database("notifications"), "test")
    await database.open()
    try:
        yield World(settings, database)
    finally:
        await database.close()


@pytest_asyncio.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    """Open the service's database."""
    async with opened(settings) as one:
        yield one


class Ward:
    """A ward with a building, a residential group, and the facts told of them."""

    def __init__(self, number: int = 1) -> None:
        self.id = f"Q004-{number:05}-v1"
        self.path = f"HN.Q004.{self.id}"
        self.building, self.group, self.petition, self.board = uuid4(), uuid4(), uuid4(), uuid4()
        self.person, self.neighbour = uuid4(), uuid4()
        self.address = f"minhhoa{number}@phuong.example"

    def fact(self, event: Event, version: int = 1, **given: Any) -> bytes:
        return tell(
            event,
            Circumstances(
                id=uuid7(), time=datetime.now(UTC), actor="test", correlation=uuid4(), version=version, **given
            ),
        ).body

    def unit_established(self) -> bytes:
        return self.fact(
            UnitEstablished(
                subject=self.id,
                unit=self.path,
                on=BEFORE,
                name="Phường Minh Họa",
                kind=UnitKind.WARD,
                official_code="00000",
                parent="Q004",
                since=None,
            )
        )

    def liaison_named(self, person: UUID | None = None, on: date = BEFORE, version: int = 1) -> bytes:
        named = LiaisonNamed(subject=self.id, unit=self.path, on=on, place=Place.UNIT, person=person or self.person)
        return self.fact(named, version)

    def group_formed(self) -> bytes:
        return self.fact(
            ResidentialGroupFormed(subject=str(self.group), unit=self.path, on=BEFORE, ward=self.id, number="5")
        )

    def group_liaison_named(self) -> bytes:
        return self.fact(
            LiaisonNamed(subject=str(self.group), unit=self.path, on=BEFORE, place=Place.GROUP, person=self.neighbour),
            2,
        )

    def building_registered(self) -> bytes:
        return self.fact(
            BuildingRegistered(
                subject=str(self.building),
                unit=self.path,
                on=BEFORE,
                ward=self.id,
                name="Nhà CT1 minh họa",
                address="Số 1 phố Minh Họa",
                blocks=1,
                storeys=9,
                apartments=90,
                lift=True,
                built_year=2010,
                owners=Owners.MULTIPLE,
            )
        )

    def building_linked(self, on: date = BEFORE, version: int = 2) -> bytes:
        return self.fact(
            BuildingLinkedToResidentialGroup(subject=str(self.building), unit=self.path, on=on, group=self.group),
            version,
        )

    def building_unlinked(self, on: date, version: int = 3) -> bytes:
        return self.fact(
            BuildingUnlinkedFromResidentialGroup(subject=str(self.building), unit=self.path, on=on, group=self.group),
            version,
        )

    def petition_filed(self, **given: Any) -> bytes:
        return self.fact(
            PetitionFiled(
                subject=str(self.petition),
                unit=self.path,
                on=DAY,
                kind=PetitionKind.COMPLAINT,
                topic=Topic.FIRE_SAFETY,
                channel=CameBy.COUNTER,
                building=self.building,
            ),
            **given,
        )

    def board_formed(self, **given: Any) -> bytes:
        return self.fact(
            BoardFormed(
                subject=str(self.board),
                unit=self.path,
                on=DAY,
                building_ids=(self.building,),
                decision=Document(symbol="minh-hoa-1/QĐ-UBND", date=DAY, issuer="UBND Phường Minh Họa"),
                elected_on=None,
                term_from=DAY,
                term_to=date(2029, 3, 1),
                members=(Member(person=uuid4(), role=Role.HEAD),),
            ),
            **given,
        )

    def places(self) -> list[bytes]:
        return [self.unit_established(), self.building_registered(), self.liaison_named()]


async def test_an_email_about_a_filed_petition_arrives_once_in_vietnamese(settings: Settings, post: Post) -> None:
    ward = Ward()
    filed = ward.petition_filed()
    async with opened(settings) as world:
        await world.contact(ward.person, ward.path, ward.address)
        await world.hear(*ward.places(), filed, filed)
        await world.decide_and_send()
        await world.hear(filed)
        await world.decide_and_send()
    async with opened(settings) as restarted:
        await restarted.hear(filed)
        await restarted.later(timedelta(days=1))
        await restarted.decide_and_send()
        deliveries = await restarted.rows("SELECT id, channel, status FROM delivery ORDER BY channel")

    (mail,) = post.taken
    assert mail["Subject"] == "Đơn mới tại Phường Minh Họa: khiếu nại"
    assert mail["To"] == ward.address
    assert mail["Message-ID"] == f"<{deliveries[0]['id']}@chungcu>"
    body = mail.get_content()
    assert "- Tòa nhà: Nhà CT1 minh họa" in body
    assert "- Nội dung: phòng cháy, chữa cháy và cứu nạn, cứu hộ" in body
    assert "- Ngày tiếp nhận: 02/03/2026" in body
    assert str(ward.petition) in body
    assert [(row["channel"], row["status"]) for row in deliveries] == [("EMAIL", "SENT"), ("INBOX", "SENT")]


async def test_it_is_english_for_whom_english_was_recorded(world: World, post: Post) -> None:
    ward = Ward()
    await world.contact(ward.person, ward.path, ward.address, Language.EN)

    await world.hear(*ward.places(), ward.petition_filed())
    await world.decide_and_send()

    assert [mail["Subject"] for mail in post.taken] == ["New petition in Phường Minh Họa: complaint"]


async def test_nobody_is_told_of_taken_over_history_or_of_a_correction(world: World, post: Post) -> None:
    ward = Ward()
    await world.contact(ward.person, ward.path, ward.address)

    await world.hear(
        *ward.places(),
        ward.petition_filed(takeover=uuid4()),
        ward.board_formed(takeover=uuid4()),
        ward.petition_filed(version=2, corrects=uuid4()),
    )
    await world.decide_and_send()
    await world.later(timedelta(days=1))
    await world.decide_and_send()

    assert post.taken == []
    assert await world.rows("SELECT id FROM delivery") == []
    notices = await world.rows("SELECT rule, status, reason FROM notice ORDER BY rule, reason")
    assert [tuple(row) for row in notices] == [
        ("board-formed-unit", "SUPPRESSED", "HISTORICAL"),
        ("petition-filed-unit", "SUPPRESSED", "CORRECTION"),
        ("petition-filed-unit", "SUPPRESSED", "HISTORICAL"),
    ]


async def test_nobody_is_told_of_what_was_taken_back_before(world: World, post: Post) -> None:
    ward = Ward()
    filed = ward.petition_filed()
    said = json.loads(ward.petition_filed(version=2, corrects=UUID(json.loads(filed)["id"])))

    await world.hear(*ward.places(), filed)
    await decide(world.work)
    await world.hear(json.dumps({**said, "data": None}).encode())
    await world.contact(ward.person, ward.path, ward.address)
    await world.later(timedelta(minutes=1))
    await world.decide_and_send()

    assert post.taken == []
    notices = await world.rows("SELECT status, reason FROM notice")
    assert [tuple(row) for row in notices] == [("SUPPRESSED", "WITHDRAWN")]


async def test_a_final_refusal_is_told_as_a_failed_delivery(world: World, post: Post) -> None:
    ward = Ward()
    post.refuses[ward.address] = ["550 5.1.1 no such user"]
    await world.contact(ward.person, ward.path, ward.address)

    await world.hear(*ward.places(), ward.petition_filed())
    await world.decide_and_send()
    await world.later(timedelta(days=30))
    await world.decide_and_send()

    (delivery,) = await world.rows("SELECT * FROM delivery WHERE channel = 'EMAIL'")
    assert (delivery["status"], delivery["reason"], delivery["attempts"]) == ("FAILED", "SMTP_550", 1)
    (told,) = await world.told()
    assert told.event == DeliveryFailed(
        subject=str(delivery["id"]),
        unit=ward.path,
        on=told.on,
        about=delivery["event"],
        person=ward.person,
        channel=Channel.EMAIL,
        reason="SMTP_550",
    )
    assert ward.address.encode() not in told.body


async def test_a_temporary_refusal_is_tried_again_under_the_same_message_id(world: World, post: Post) -> None:
    ward = Ward()
    post.refuses[ward.address] = ["451 later, please"]
    await world.contact(ward.person, ward.path, ward.address)
    await world.hear(*ward.places(), ward.petition_filed())

    await world.decide_and_send()
    del post.refuses[ward.address]
    await world.decide_and_send()
    early = list(post.taken)
    (waiting,) = await world.rows("SELECT id, status, reason, attempts FROM delivery WHERE channel = 'EMAIL'")
    await world.later(timedelta(minutes=2))
    await world.decide_and_send()

    assert early == []
    assert (waiting["status"], waiting["reason"], waiting["attempts"]) == ("DUE", "SMTP_451", 1)
    assert [mail["Message-ID"] for mail in post.taken] == [f"<{waiting['id']}@chungcu>"]


async def test_after_the_last_retry_it_is_given_up(world: World, post: Post) -> None:
    ward = Ward()
    post.refuses[ward.address] = ["451 later, please"]
    await world.contact(ward.person, ward.path, ward.address)
    await world.hear(*ward.places(), ward.petition_filed())
    await decide(world.work)

    for _ in range(12):
        await send(world.work)
        await world.later(timedelta(days=3))

    (delivery,) = await world.rows("SELECT status, reason, attempts FROM delivery WHERE channel = 'EMAIL'")
    assert tuple(delivery) == ("FAILED", "SMTP_451", 9)
    assert [told.event.reason for told in await world.told()] == ["SMTP_451"]


async def test_two_workers_send_one_email(world: World, post: Post) -> None:
    ward = Ward()
    await world.contact(ward.person, ward.path, ward.address)
    await world.hear(*ward.places(), ward.petition_filed())

    post.pause = 0.3

    await asyncio.gather(*(decide(world.work) for _ in range(4)))
    senders = asyncio.gather(*(send(world.work) for _ in range(3)))
    await asyncio.sleep(0.15)
    await send(world.work)
    await senders

    assert len(post.taken) == 1


async def test_email_waits_until_it_is_configured(world: World, post: Post) -> None:
    ward = Ward()
    bare = World(world.settings.model_copy(update={"smtp_url": None}), world.database)
    await world.contact(ward.person, ward.path, ward.address)
    await world.hear(*ward.places(), ward.petition_filed())

    await bare.decide_and_send()
    (waiting,) = await world.rows("SELECT status, reason, attempts FROM delivery WHERE channel = 'EMAIL'")
    await world.later(timedelta(minutes=2))
    await world.decide_and_send()

    assert tuple(waiting) == ("DUE", "NOT_CONFIGURED", 0)
    assert len(post.taken) == 1


async def test_an_address_that_does_not_open_is_given_up(world: World, post: Post) -> None:
    ward = Ward()
    await world.contact(ward.person, ward.path, ward.address)
    await world.hear(*ward.places(), ward.petition_filed())
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE contact SET sealed = sealed || '\\x00'")

    await world.decide_and_send()

    assert post.taken == []
    (delivery,) = await world.rows("SELECT status, reason FROM delivery WHERE channel = 'EMAIL'")
    assert tuple(delivery) == ("FAILED", "UNREADABLE")
    assert [told.event.reason for told in await world.told()] == ["UNREADABLE"]


async def test_the_order_in_which_news_of_a_petition_arrives_does_not_matter(world: World, post: Post) -> None:
    wards = []
    for number, order in enumerate(itertools.permutations(range(5)), start=1):
        ward = Ward(number)
        facts = [*ward.places(), ward.petition_filed()]
        for step in order:
            if step == len(facts):
                await world.contact(ward.person, ward.path, ward.address)
            else:
                await world.hear(facts[step], facts[step])
            await decide(world.work)
        wards.append(ward)
        await world.later(timedelta(minutes=5))
        await decide(world.work)
    await send(world.work)

    assert sorted(mail["To"] for mail in post.taken) == sorted(ward.address for ward in wards)
    assert {mail["Subject"] for mail in post.taken} == {"Đơn mới tại Phường Minh Họa: khiếu nại"}
    assert all("Nhà CT1 minh họa" in mail.get_content() for mail in post.taken)
    assert {row["status"] for row in await world.rows("SELECT status FROM notice")} == {"DECIDED"}


async def test_ward_and_group_are_told_of_a_board_in_any_order(world: World) -> None:
    chance = random.Random(20260302)
    for number in range(1, 41):
        ward = Ward(number)
        await world.contact(ward.person, ward.path, None)
        await world.contact(ward.neighbour, ward.path, None)
        facts = [
            *ward.places(),
            ward.group_formed(),
            ward.group_liaison_named(),
            ward.building_linked(),
            ward.building_unlinked(date(2026, 3, 3)),
            ward.board_formed(),
        ]
        chance.shuffle(facts)
        for fact in facts:
            await world.hear(fact, fact)
            await decide(world.work)
        await world.later(timedelta(minutes=5))
        await decide(world.work)

        told = await world.rows("SELECT person, channel FROM delivery WHERE unit = $1", ward.path)
        assert {(row["person"], row["channel"]) for row in told} == {(ward.person, "INBOX"), (ward.neighbour, "INBOX")}


async def test_a_group_that_was_unlinked_before_is_not_told(world: World) -> None:
    ward = Ward()
    await world.contact(ward.neighbour, ward.path, None)

    await world.hear(
        *ward.places(),
        ward.group_formed(),
        ward.group_liaison_named(),
        ward.building_linked(),
        ward.building_unlinked(date(2026, 2, 1)),
        ward.board_formed(),
    )
    await decide(world.work)

    assert await world.rows("SELECT FROM delivery") == []
    assert [row["rule"] for row in await world.rows("SELECT rule FROM notice")] == ["board-formed-unit"]


async def test_who_holds_the_place_on_the_day_is_told_and_not_who_holds_it_now(world: World) -> None:
    ward = Ward()
    later = uuid4()
    for person in (ward.person, later):
        await world.contact(person, ward.path, None)

    await world.hear(*ward.places(), ward.liaison_named(later, date(2026, 3, 3), 2), ward.petition_filed())
    await decide(world.work)

    assert [row["person"] for row in await world.rows("SELECT person FROM delivery")] == [ward.person]


# Over HTTP


class Tokens:
    """Mints tokens as a provider of identities does."""

    def __init__(self, jwks: str) -> None:
        self._key = Ed25519PrivateKey.generate()
        key = json.loads(OKPAlgorithm.to_jwk(self._key.public_key())) | {"kid": "development", "alg": "EdDSA"}
        Path(jwks).write_text(json.dumps({"keys": [key]}))

    def headers(
        self, units: list[str], permissions: list[str] | None = None, actor: str = "official"
    ) -> dict[str, str]:
        claims = {
            "iss": "chungcu-development",
            "aud": "chungcu",
            "sub": actor,
            "exp": time.time() + 600,
            "units": units,
            "permissions": list(PERMISSIONS) if permissions is None else permissions,
        }
        return {"Authorization": f"Bearer {jwt.encode(claims, self._key, 'EdDSA', headers={'kid': 'development'})}"}


@dataclass
class Asked:
    """A running process and whoever asks it."""

    process: Process
    client: httpx.AsyncClient
    tokens: Tokens


@pytest_asyncio.fixture
async def asked(settings: Settings) -> AsyncIterator[Asked]:
    """Run the service in this process, with its workers and without a broker."""
    tokens = Tokens(settings.jwks)
    process = Process(service, settings)
    async with (
        process.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(process.app), base_url="http://test") as client,
    ):
        yield Asked(process, client, tokens)


def recording(ward: Ward, **given: Any) -> dict[str, Any]:
    return {
        "person": str(ward.person),
        "unit": ward.id,
        "name": "Người Minh Họa",
        "language": "vi",
        "email": ward.address,
        "phone": "+84400000001",
    } | given


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the workers have done something."""
    for _ in range(100):
        if await done():
            return
        await asyncio.sleep(0.05)
    pytest.fail("the workers have not done it in 5 seconds")


async def test_a_contact_is_recorded_sealed_and_never_told(asked: Asked) -> None:
    ward = Ward()
    everywhere = asked.tokens.headers(["HN"])
    too_early = await asked.client.post("/v1/contacts", json=recording(ward), headers=everywhere)
    await consumers.settle(asked.process.database, [Delivery(ward.unit_established())])

    first = await asked.client.post("/v1/contacts", json=recording(ward), headers=everywhere)
    second = await asked.client.post("/v1/contacts", json=recording(ward, email=None), headers=everywhere)
    await asked.client.post("/v1/contacts", json=recording(ward), headers=everywhere)
    shown = await asked.client.get(f"/v1/contacts/{ward.person}", headers=everywhere)
    async with asked.process.database.transaction() as tx:
        kept = str([dict(row) for row in await tx.fetch("SELECT c.*, l.body FROM contact AS c, event_log AS l")])

    assert (too_early.status_code, too_early.json()["type"]) == (409, "unit-not-yet-known")
    assert (first.status_code, first.json()["data"]) == (201, {"channels": ["INBOX", "EMAIL"], "language": "vi"})
    assert (second.json()["version"], second.json()["data"]["channels"]) == (2, ["INBOX"])
    assert shown.status_code == 200
    assert (shown.json()["email"], shown.json()["phone"], shown.json()["unit"]) == ("m…@p…", "…01", ward.path)
    assert len(shown.json()["history"]) == 3
    for secret in (ward.address, "Người Minh Họa", "84400000001"):
        assert secret not in kept + first.text + second.text + shown.text


async def test_a_wrong_address_is_not_repeated_in_the_answer(asked: Asked) -> None:
    ward = Ward()

    answer = await asked.client.post(
        "/v1/contacts", json=recording(ward, email="bi-mat.example"), headers=asked.tokens.headers(["HN"])
    )

    assert (answer.status_code, answer.json()["pointer"]) == (422, "/email")
    assert "bi-mat" not in answer.text


async def test_another_district_sees_and_changes_nothing(asked: Asked, post: Post) -> None:
    ward = Ward()
    here, there = asked.tokens.headers(["HN.Q004"]), asked.tokens.headers(["HN.Q005"])
    elsewhere = ward.fact(
        UnitEstablished(
            subject="Q005-00001-v1",
            unit="HN.Q005.Q005-00001-v1",
            on=BEFORE,
            name="Phường Khác",
            kind=UnitKind.WARD,
            official_code="00001",
            parent="Q005",
            since=None,
        )
    )
    await consumers.settle(
        asked.process.database, [Delivery(fact) for fact in (*ward.places(), elsewhere, ward.petition_filed())]
    )
    await asked.client.post("/v1/contacts", json=recording(ward), headers=here)

    async def arrived() -> bool:
        return len(post.taken) == 1

    await until(arrived)
    listed = (await asked.client.get("/v1/deliveries", headers=here)).json()["items"]
    pages = ["/v1/deliveries", "/v1/notices", f"/v1/inbox/{ward.person}"]
    things = [f"/v1/deliveries/{listed[0]['id']}", f"/v1/contacts/{ward.person}"]

    assert len(listed) == 2
    for path in pages:
        assert (await asked.client.get(path, headers=here)).json()["items"] != []
        assert (await asked.client.get(path, headers=there)).json()["items"] == []
    for path in things:
        assert (await asked.client.get(path, headers=here)).status_code == 200
        assert (await asked.client.get(path, headers=there)).status_code == 404
    for path in (*pages, *things):
        assert (await asked.client.get(path)).status_code == 401
    stolen = await asked.client.post("/v1/contacts", json=recording(ward, unit="Q005-00001-v1"), headers=there)
    assert (stolen.status_code, stolen.json()["type"]) == (409, "kept-elsewhere")
    outside = await asked.client.post("/v1/contacts", json=recording(Ward(), unit=ward.id), headers=there)
    assert outside.status_code == 403


async def test_a_person_reads_the_inbox_without_any_permission_and_nobody_elses(asked: Asked) -> None:
    ward = Ward()
    await consumers.settle(asked.process.database, [Delivery(fact) for fact in (*ward.places(), ward.petition_filed())])
    await asked.client.post(
        "/v1/contacts", json=recording(ward, email=None, language="en"), headers=asked.tokens.headers(["HN"])
    )
    own = asked.tokens.headers([], [], str(ward.person))

    async def arrived() -> bool:
        return bool((await asked.client.get(f"/v1/inbox/{ward.person}", headers=own)).json()["items"])

    await until(arrived)
    (item,) = (await asked.client.get(f"/v1/inbox/{ward.person}", headers=own)).json()["items"]
    other = await asked.client.get(f"/v1/inbox/{ward.neighbour}", headers=own)

    assert item["subject"] == "New petition in Phường Minh Họa: complaint"
    assert item["about"] == str(ward.petition)
    assert other.status_code == 403


async def test_lists_come_in_pages_latest_first(asked: Asked) -> None:
    ward = Ward()
    filed = [ward.petition_filed(takeover=uuid4()) for _ in range(5)]
    await consumers.settle(asked.process.database, [Delivery(fact) for fact in filed])
    here = asked.tokens.headers(["HN"])

    seen: list[int] = []
    cursor: str | None = None
    while True:
        asks = {"status": "SUPPRESSED", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        answer = (await asked.client.get("/v1/notices", params=asks, headers=here)).json()
        seen += [one["id"] for one in answer["items"]]
        assert {one["reason"] for one in answer["items"]} == {"HISTORICAL"}
        if (cursor := answer["next"]) is None:
            break
    wrong = base64.urlsafe_b64encode(str(2**80).encode()).decode()
    broken = await asked.client.get("/v1/notices", params={"cursor": wrong}, headers=here)

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    assert broken.status_code == 422


async def test_nothing_personal_is_logged(asked: Asked, post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    ward = Ward()
    post.refuses[ward.address] = ["550 5.1.1 no such user " + ward.address]
    await consumers.settle(asked.process.database, [Delivery(fact) for fact in (*ward.places(), ward.petition_filed())])
    here = asked.tokens.headers(["HN"])
    await asked.client.post("/v1/contacts", json=recording(ward), headers=here)

    async def failed() -> bool:
        answer = await asked.client.get("/v1/deliveries", params={"status": "FAILED"}, headers=here)
        return bool(answer.json()["items"])

    await until(failed)
    said = capsys.readouterr()

    assert "/v1/deliveries" in said.out
    assert ward.address not in said.out + said.err
    assert "Minh Họa" not in said.out + said.err
