"""What people are called and how they are reached is found nowhere it must not be; the scanner is first seen to find."""

import asyncio
import io
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import aio_pika
import httpx
import pytest
from aiosmtpd.controller import Controller

from ops.private.nodes import free_port
from ops.stories import story
from tests.e2e.system import PAPER, REVIEW, STORY, Foreign, System, wait_for

CANARY = "Chim Hoàng Yến 0400999888"
SERVICES = ("buildings", "boards", "notifications", "reporting")


def found(texts: list[str], words: list[str]) -> list[str]:
    """Return the words that occur in any of the texts."""
    return [word for word in words if any(word in text for text in texts)]


def people() -> list[str]:
    """Return names, phone numbers and addresses of the story's people."""
    rows = [row for table in ("contacts.csv", "people.csv") for row in story(STORY).table(table)]
    return sorted({row[column] for row in rows for column in ("name", "email", "phone") if row[column]})


def addresses_asked() -> list[str]:
    """Return the address of every request that playing the story makes."""
    told = story(STORY)
    return [step.path for phase in told.phases for step in told.steps(phase)]


def exports(system: System) -> list[str]:
    """Return the review in every form it is handed out in, for somebody who may see all of it."""
    token = system.token("reports.read", "reports.participation")
    asked = [("/v1/reports/thong-tri-05", {"format": form}) for form in ("json", "csv")]
    asked += [(f"/reports/thong-tri-05{ending}", {}) for ending in ("", ".docx", ".xlsx")]
    answers = [
        system.ask("reporting", "GET", path, token=token, params={**REVIEW, **more}, headers={"Accept": "*/*"})
        for path, more in asked
    ]
    return [unpacked(answer) for answer in answers if answer.status_code == httpx.codes.OK]


def unpacked(answer: httpx.Response) -> str:
    """Return the text of an answer; of a document, that of all its parts."""
    if not answer.content.startswith(b"PK"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


async def sinks(system: System, messages: list[aio_pika.abc.AbstractIncomingMessage]) -> dict[str, list[str]]:
    """Return everything that every sink holds."""
    held: dict[str, list[str]] = {
        "queue": [f"{one.body.decode()} {one.headers} {one.routing_key}" for one in messages],
        "log lines": [system.logs()],
        "URLs": addresses_asked(),
        "metrics": [system.ask(name, "GET", "/metrics", token="").text for name in SERVICES],
        "journal": [row["text"] for row in await system.fetch("reporting", "SELECT j::text AS text FROM journal AS j")],
        "entries": [row["text"] for row in await system.fetch("reporting", "SELECT e::text AS text FROM entries AS e")],
        "restricted log": [
            row["text"] for row in await system.fetch("boards", "SELECT l::text AS text FROM restricted.event_log AS l")
        ],
        "restricted journal": [
            row["text"]
            for row in await system.fetch("reporting", "SELECT j::text AS text FROM restricted.journal AS j")
        ],
        "exports": exports(system),
    }
    for name in SERVICES:
        rows = await system.fetch(name, "SELECT l::text AS text FROM event_log AS l")
        held[f"events of {name}"] = [row["text"] for row in rows]
    return held


@pytest.fixture(scope="module")
async def held(told: System) -> dict[str, list[str]]:
    """Give all that is held anywhere after the story."""
    foreign = Foreign(told)
    messages = [await foreign.messages(queue) for queue in ("foreign.everything", "foreign.restricted")]
    return await sinks(told, [*messages[0], *messages[1]])


def test_the_scanner_looks_at_something_everywhere(held: dict[str, list[str]]) -> None:
    assert len(held["queue"]) > 500
    assert len(held["journal"]) > 500
    assert {name for name, texts in held.items() if not any(texts)} == set()
    assert len(held["exports"]) == 5


async def test_the_scanner_finds_a_canary_planted_in_each_sink(new_system: Callable[..., System]) -> None:
    system = new_system().up()
    foreign = Foreign(system)
    await foreign.bind("canaries", "canary.#")
    async with await aio_pika.connect(system.broker) as connection, connection.channel() as channel:
        exchange = await channel.get_exchange(system.bus("chungcu.events"))
        await exchange.publish(aio_pika.Message(CANARY.encode()), routing_key="canary.planted")
    for name in SERVICES:
        await system.fetch(
            name,
            """INSERT INTO event_log (id, type, subject, version, unit, recorded, body)
               VALUES (gen_random_uuid(), 'canary', $1, 1, 'HN', now(), to_json($1::text))""",
            CANARY,
        )
    await system.fetch(
        "reporting",
        """INSERT INTO journal (seq, event, source, type, subject, version, on_day, unit, recorded, body)
           VALUES (1000000, gen_random_uuid(), 'canary', 'canary', $1, 1, now(), 'HN', now(), to_json($1::text))""",
        CANARY,
    )
    await system.fetch(
        "reporting", "INSERT INTO entries VALUES ('canary', $1, $1, now(), 1, '{}', gen_random_uuid())", CANARY
    )
    await system.fetch(
        "boards",
        """INSERT INTO restricted.event_log (id, type, subject, version, unit, recorded, body)
           VALUES (gen_random_uuid(), 'canary', $1, 1, 'HN', now(), to_json($1::text))""",
        CANARY,
    )
    await system.fetch(
        "reporting",
        """INSERT INTO restricted.journal (seq, event, source, type, subject, version, on_day, unit, recorded, body)
           VALUES (1000000, gen_random_uuid(), 'canary', 'canary', $1, 1, now(), 'HN', now(), to_json($1::text))""",
        CANARY,
    )
    with (system.home / "log" / "boards.log").open("a") as log:
        log.write(CANARY)

    held = await sinks(system, await foreign.messages("canaries"))
    held["exports"].append(CANARY)
    held["URLs"].append(f"/v1/buildings?q={CANARY}")
    held["metrics"].append(f'chungcu_request_seconds_count{{path="{CANARY}"}} 1.0')

    assert {name for name, texts in held.items() if not found(texts, [CANARY])} == set()
    await foreign.remove("canaries")


def test_names_phone_numbers_and_addresses_of_people_are_found_in_no_sink(held: dict[str, list[str]]) -> None:
    assert len(people()) > 300
    assert {name: found(texts, people()) for name, texts in held.items() if found(texts, people())} == {}


def test_what_a_careless_client_puts_into_an_address_or_a_body_is_neither_logged_nor_counted(told: System) -> None:
    told.ask("buildings", "GET", "/v1/buildings", params={"q": CANARY})
    told.ask("buildings", "GET", f"/v1/{CANARY}")
    told.ask("boards", "POST", "/v1/boards", json={"board_id": CANARY})
    told.ask("boards", "POST", "/v1/boards", content=CANARY.encode(), headers={"Content-Type": "application/json"})
    told.ask("notifications", "POST", "/v1/contacts", json={"person": str(uuid4()), "unit": "HN", "email": CANARY})
    told.ask("boards", "GET", "/v1/boards", headers={"Idempotency-Key": "x", "X-Name": CANARY.encode()})
    time.sleep(0.5)

    assert found([told.logs()], [CANARY, CANARY.replace(" ", "%20"), "Chim"]) == []
    assert found([told.ask(name, "GET", "/metrics", token="").text for name in SERVICES], [CANARY, "Chim"]) == []


class Post:
    """A real SMTP server that keeps what arrives."""

    def __init__(self) -> None:
        """Nothing has arrived."""
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take a letter."""
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd.*")
async def test_a_letter_about_a_filed_petition_arrives_once_in_vietnamese_and_none_for_taken_over_history(
    new_system: Callable[..., System],
) -> None:
    post = Post()
    port = free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    system = new_system(CHUNGCU_SMTP_URL=f"smtp://127.0.0.1:{port}").up()
    day = str(datetime.now(UTC).date() - timedelta(days=1))
    person, ward = str(uuid4()), "HN-00127-2025"
    system.tell(
        "notifications",
        "/v1/contacts",
        {
            "person": person,
            "unit": ward,
            "name": "Người Minh Họa",
            "language": "vi",
            "email": "minhhoa@viethung.example",
        },
    )
    system.tell("buildings", f"/v1/units/{ward}/liaison", {"person": person, "on": day})
    takeover = str(uuid4())
    system.tell(
        "boards",
        "/v1/takeovers",
        {"takeover_id": takeover, "name": "Hồ sơ cũ (minh họa)", "unit": ward, "document": PAPER},
    )
    petition = {"kind": "COMPLAINT", "topic": "FIRE_SAFETY", "channel": "COUNTER", "unit": ward}
    old = system.tell(
        "boards", "/v1/petitions", {"petition_id": str(uuid4()), "on": "2025-09-01", "takeover": takeover, **petition}
    )
    new = system.tell("boards", "/v1/petitions", {"petition_id": str(uuid4()), "on": day, **petition})
    wait_for(lambda: len(post.letters) == 1)

    (body,) = await system.fetch("boards", "SELECT body FROM event_log WHERE id = $1::text::uuid", new["id"])
    async with await aio_pika.connect(system.broker) as connection, connection.channel() as channel:
        for _ in range(3):
            again = aio_pika.Message(str(body["body"]).encode(), message_id=new["id"])
            await channel.default_exchange.publish(again, routing_key=system.bus("notifications"))
    system.kill("notifications")
    wait_for(lambda: system.ready("notifications"))
    await asyncio.sleep(4)

    letter: EmailMessage = post.letters[0]
    assert len(post.letters) == 1
    assert letter["Subject"].startswith("Đơn mới tại Phường Việt Hưng")
    assert letter["To"] == "minhhoa@viethung.example"
    text = letter.get_content()
    assert "khiếu nại" in f"{letter['Subject']} {text}"
    notices = system.ask("notifications", "GET", "/v1/notices", params={"status": "SUPPRESSED"}).json()["items"]
    assert [one["event"] for one in notices] == [old["id"]]
    assert found([system.logs()], ["minhhoa@viethung.example", "Người Minh Họa"]) == []
    controller.stop()


async def test_a_tampered_sum_and_a_tampered_entry_are_found_and_named(told: System) -> None:
    cell = "line = 'LB-05' AND grain = 'M' AND period = '2021-09-01'"
    await told.fetch("reporting", f"UPDATE aggregates SET value = value + 1 WHERE {cell}")
    tampered = told.chungcu("verify", "reporting", check=False)
    await told.fetch("reporting", f"UPDATE aggregates SET value = value - 1 WHERE {cell}")
    await told.fetch(
        "reporting",
        "UPDATE entries SET on_day = on_day + 1 WHERE kind = 'complex' OR subject = (SELECT min(subject) FROM entries WHERE kind = 'board_formed')",
    )
    moved = told.chungcu("verify", "reporting", check=False)
    refused = told.chungcu("rebuild", "reporting", check=False)
    await told.fetch(
        "reporting",
        "UPDATE entries SET on_day = on_day - 1 WHERE kind = 'complex' OR subject = (SELECT min(subject) FROM entries WHERE kind = 'board_formed')",
    )

    assert tampered.returncode == 1
    assert "LB-05" in tampered.stdout
    assert "2021-09-01" in tampered.stdout
    assert moved.returncode == 1
    assert "entry missing" in moved.stdout
    assert "entry without ground" in moved.stdout
    assert refused.returncode == 1
    assert "live only" in refused.stdout
    assert "rebuilt only" in refused.stdout
    assert told.chungcu("verify", "reporting").returncode == 0
    assert "exchanged" in told.chungcu("rebuild", "reporting").stdout
    assert told.chungcu("verify", "reporting").returncode == 0
