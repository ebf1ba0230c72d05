"""It holds while things die: on servers of its own, which are stopped and killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from tests.e2e.figures import FIGURES
from tests.e2e.system import PAPER, ROOT, STORY, System, until, wait_for
from tests.e2e.test_story import line


@pytest.fixture(scope="module")
def own(lasting_system: Callable[..., System]) -> System:
    """Give a system on private servers that has heard the story while each of its services was killed."""
    system = lasting_system(CHUNGCU_SERVERS="private", CHUNGCU_GAP_AFTER="5")
    for name in ("CHUNGCU_POSTGRES_URL", "CHUNGCU_RABBITMQ_URL"):
        del system.environment[name]
    system.up()
    playing = subprocess.Popen(
        [sys.executable, "-m", "ops", "story", "play", STORY],
        cwd=ROOT,
        env=system.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for service in ("buildings", "reporting", "boards", "notifications", "reporting"):
        time.sleep(0.6)
        assert playing.poll() is None, "the story was over before every service had been killed"
        system.kill(service)
    said, _ = playing.communicate(timeout=150)
    assert playing.returncode == 0, said
    return system


def node(system: System, what: str) -> None:
    """Stop or start one of a system's own servers."""
    kind, _, verb = what.partition(" ")
    program = {
        "stop": f"from ops import private; private.stop(['{kind}'])",
        "start": f"from ops import private; private.start(['{kind}'])",
    }[verb]
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=system.environment, check=True, timeout=90)


def unsent(system: System, service: str) -> float:
    """Return the age of the oldest event that the broker has not confirmed, in seconds."""
    (line,) = (
        line
        for line in system.ask(service, "GET", "/metrics", token="").text.splitlines()
        if line.startswith("chungcu_oldest_unsent_seconds ")
    )
    return float(line.split()[1])


def new_board(system: System, symbol: str) -> dict[str, Any]:
    """Describe a board for a building that has none, recognised within the period."""
    boards = system.ask("boards", "GET", "/v1/boards", params={"limit": 1000}).json()["items"]
    managed = {building for board in boards if board["closed"] is None for building in board["buildings"]}
    buildings = system.ask("buildings", "GET", "/v1/buildings", params={"limit": 1000}).json()["items"]
    free = next(one for one in buildings if one["id"] not in managed and one["blocks"] == 1)
    takeover = str(uuid4())
    system.tell(
        "boards",
        "/v1/takeovers",
        {"takeover_id": takeover, "name": "Bổ sung (minh họa)", "unit": "Q004", "document": PAPER},
    )
    return {
        "board_id": str(uuid4()),
        "building_ids": [free["id"]],
        "decision": {"symbol": symbol, "date": "2022-03-01", "issuer": "UBND quận Long Biên"},
        "members": [{"person": str(uuid4()), "role": role} for role in ("HEAD", "DEPUTY", "MEMBER")],
        "takeover": takeover,
    }


def test_on_private_servers_and_with_every_service_killed_meanwhile_the_story_leaves_the_same_review(
    own: System,
) -> None:
    wait_for(lambda: own.figures() == FIGURES)

    assert line(own.review(), "LB-05")["coverage"]["confirmed"] == 14
    assert own.chungcu("verify", "reporting").returncode == 0


def test_while_the_broker_is_down_commands_are_answered_and_afterwards_the_review_catches_up(own: System) -> None:
    board = new_board(own, "minh-hoa-900/QĐ-UBND")
    petition = {"petition_id": str(uuid4()), "kind": "FEEDBACK", "topic": "FIRE_SAFETY", "channel": "COUNTER"}
    node(own, "rabbitmq stop")

    answers = [
        own.ask("boards", "POST", "/v1/boards", json=board),
        own.ask(
            "boards",
            "POST",
            "/v1/petitions",
            json={
                **petition,
                "on": "2022-06-01",
                "building": board["building_ids"][0],
                "takeover": board["takeover"],
            },
        ),
        own.ask(
            "boards",
            "POST",
            f"/v1/petitions/{petition['petition_id']}/complexity",
            json={"on": "2022-06-02", "reason": "LONG_RUNNING", "takeover": board["takeover"]},
        ),
    ]
    faults = own.chungcu("doctor", check=False)
    readiness = own.ask("boards", "GET", "/readyz", token="")
    wait_for(lambda: unsent(own, "boards") > 1)
    still = own.figures()
    node(own, "rabbitmq start")

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert faults.returncode == 1
    assert "RabbitMQ" in faults.stdout + faults.stderr
    assert (readiness.status_code, readiness.json()["broker"], readiness.json()["telling"]) == (200, "degraded", False)
    assert still == FIGURES
    wait_for(lambda: (own.figures()["LB-05"], own.figures()["LB-16"]) == ("9", "1"))
    wait_for(lambda: own.chungcu("doctor", check=False).returncode == 0)
    wait_for(lambda: unsent(own, "boards") == 0)
    interruptions = [one for one in own.logs().splitlines() if "relay interrupted" in one and '"boards"' in one]
    assert len(interruptions) == 2
    assert {json.loads(one)["name"] for one in interruptions} == {"chungcu.events", "chungcu.restricted"}


async def test_a_poisoned_message_is_parked_with_its_error_and_the_others_are_not_delayed(own: System) -> None:
    async with await aio_pika.connect(own.broker) as connection, connection.channel() as channel:
        for body, kind in ((b"\x00 no json", "garbage"), (json.dumps(FROM_THE_FUTURE).encode(), "future")):
            message = aio_pika.Message(body, message_id=kind, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, routing_key=own.bus("buildings"))
        began = time.monotonic()
        takeover = {"takeover_id": str(uuid4()), "name": "Sau sự cố (minh họa)", "unit": "Q004", "document": PAPER}
        after = await asyncio.to_thread(own.tell, "boards", "/v1/takeovers", takeover)

    seen = own.ask("reporting", "GET", "/v1/issues", params={"min_position": after["id"]})
    waited = time.monotonic() - began

    async def both_parked() -> bool:
        return len(await own.fetch("buildings", "SELECT id FROM parked")) == 2

    await until(both_parked)
    rows = {row["type"]: row["error"] for row in await own.fetch("buildings", "SELECT type, error FROM parked")}
    assert seen.status_code == 200
    assert waited < 5
    assert rows["unreadable"].startswith("Unreadable")
    assert rows["boards.board_formed.v99"] == "UnknownEvent: boards.board_formed.v99"
    listed = own.chungcu("parked", "list").stdout
    assert "boards.board_formed.v99" in listed
    assert "UnknownEvent" in listed
    failing = own.chungcu("parked", "retry", str(FROM_THE_FUTURE["id"]), check=False)
    assert failing.returncode == 1
    assert "0/1" in failing.stdout


FROM_THE_FUTURE = {
    "specversion": "1.0",
    "id": str(uuid4()),
    "source": "/services/boards",
    "type": "boards.board_formed.v99",
    "subject": str(uuid4()),
    "time": "2026-11-01T00:00:00Z",
    "occurredon": "2026-11-01",
    "version": 1,
    "unit": "HN.Q004",
    "actor": "developer",
    "correlationid": str(uuid4()),
    "data": {},
}


def test_the_doctor_names_a_service_that_does_not_answer_and_a_database_that_is_down(own: System) -> None:
    before = own.figures()
    os.kill(own.pids["notifications"], signal.SIGSTOP)
    try:
        frozen = own.chungcu("doctor", check=False)
    finally:
        os.kill(own.pids["notifications"], signal.SIGCONT)
    node(own, "postgres stop")
    headless = own.chungcu("doctor", check=False)
    asked = own.ask("boards", "GET", "/v1/boards")
    node(own, "postgres start")

    assert frozen.returncode == 1
    assert "notifications" in frozen.stderr
    assert headless.returncode == 1
    assert "PostgreSQL" in headless.stdout + headless.stderr
    assert asked.status_code == 503
    assert asked.headers["content-type"] == "application/problem+json"
    wait_for(lambda: own.ask("boards", "GET", "/v1/boards").status_code == 200)
    wait_for(lambda: own.figures() == before)
