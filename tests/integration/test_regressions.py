"""Mishaps that were found once and must not come back, each as its user would meet it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest

from ops.private.nodes import free_port
from services.boards.app import service as boards_service
from services.reporting import domain, store
from services.reporting.consumers import consumers as reporting
from services.reporting.domain.issue import issue_of, spans
from services.reporting.domain.known import Known, Period
from services.reporting.store.figures import Asking
from shared import topology
from shared.caller import HANOI
from shared.consumers import Delivery, listening
from shared.events import Circumstances, Event, UnitEstablished, tell
from shared.events.buildings import UnitKind
from shared.service import Process
from shared.settings import Environment
from shared.uuids import uuid7
from tests.conftest import RABBITMQ, Databases, Keys, OwnDatabases, Serve, Served
from tests.integration.test_log_order import Fresh

TODAY = datetime.now(HANOI).date()
LONG_BIEN, BO_DE = "HN-00145-2025", "HN-00118-2025"


CITY = UnitEstablished(
    subject="HN",
    unit="HN",
    on=date(2008, 8, 1),
    name="Hà Nội",
    kind=UnitKind.CITY,
    official_code="01",
    parent=None,
    since=None,
)


def on(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).isoformat()


def bytes_of(event: Event, version: int = 1) -> bytes:
    given = Circumstances(uuid7(), datetime.now(HANOI), "tester", uuid4(), version)
    return tell(event, given).body


async def hear(served: Served, *bodies: bytes) -> None:
    """Let a service hear what another told."""
    await served.process.service.consumers.settle(served.database, [Delivery(body) for body in bodies])


async def test_an_event_with_a_nul_in_it_is_parked_and_the_one_beside_it_applied(database: Fresh) -> None:
    boards = await database("boards")
    poison = json.dumps(
        {**json.loads(bytes_of(CITY)), "id": str(uuid4()), "type": "a\x00b", "subject": "\x00"}
    ).encode()

    await boards_service.consumers.settle(boards, [Delivery(poison), Delivery(bytes_of(CITY))])

    async with boards.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM unit_established") == 1
        assert await tx.value("SELECT count(*) FROM parked") == 1


async def moved(serve: Serve) -> tuple[Served, str, str]:
    """A building that moved from one ward to another ten days ago, as boards knows it, and a petition filed before."""
    buildings, boards = await serve("buildings"), await serve("boards")
    building, petition = str(uuid4()), str(uuid4())
    facts = {
        "name": "N1",
        "address": "Phố Minh Họa",
        "blocks": 1,
        "storeys": 5,
        "apartments": 40,
        "lift": False,
        "owners": "MULTIPLE",
    }
    registered = await buildings.client.post(
        "/v1/buildings", json={"building_id": building, "ward": LONG_BIEN, "on": on(25), **facts}
    )
    assigned = await buildings.client.post(f"/v1/buildings/{building}/assignments", json={"ward": BO_DE, "on": on(10)})
    assert (registered.status_code, assigned.status_code) == (201, 201)
    async with buildings.database.transaction() as tx:
        log = await tx.fetch("SELECT body FROM event_log")
    await hear(boards, *(str(row["body"]).encode() for row in log))
    asked = {
        "petition_id": petition,
        "on": on(20),
        "kind": "FEEDBACK",
        "topic": "OTHER",
        "channel": "POST",
        "building": building,
    }
    assert (await boards.client.post("/v1/petitions", json=asked)).status_code == 201
    return boards, building, petition


async def test_an_officer_of_the_ward_a_building_left_cannot_file_there_as_if_it_had_stayed(serve: Serve) -> None:
    boards, building, _ = await moved(serve)
    asked = {
        "petition_id": str(uuid4()),
        "on": on(1),
        "kind": "FEEDBACK",
        "topic": "OTHER",
        "channel": "POST",
        "building": building,
    }

    answer = await boards.client.post("/v1/petitions", json=asked, headers=boards.by(f"HN.{LONG_BIEN}"))

    assert (answer.status_code, answer.json()["type"]) == (409, "place-not-yet-known")


async def test_the_ward_a_building_moved_to_resolves_its_petitions_and_is_the_unit_they_are_told_of(
    serve: Serve,
) -> None:
    boards, _, petition = await moved(serve)

    answer = await boards.client.post(
        f"/v1/petitions/{petition}/resolution",
        json={"on": on(1), "outcome": "UPHELD"},
        headers=boards.by(f"HN.{BO_DE}"),
    )

    assert (answer.status_code, answer.json()["unit"]) == (201, f"HN.{BO_DE}")


async def test_a_group_with_a_building_is_not_dissolved_and_nothing_leaves_a_group_twice(serve: Serve) -> None:
    client = (await serve("buildings")).client
    building, group = str(uuid4()), str(uuid4())
    facts = {
        "name": "N1",
        "address": "Phố Minh Họa",
        "blocks": 1,
        "storeys": 5,
        "apartments": 40,
        "lift": False,
        "owners": "MULTIPLE",
    }
    await client.post("/v1/groups", json={"group_id": group, "ward": LONG_BIEN, "number": "3", "on": on(28)})
    await client.post("/v1/buildings", json={"building_id": building, "ward": LONG_BIEN, "on": on(28), **facts})
    await client.post(f"/v1/buildings/{building}/links", json={"group": group, "on": on(27)})

    refused = await client.post(f"/v1/groups/{group}/dissolution", json={"on": on(5)})
    left = await client.post(f"/v1/buildings/{building}/unlinks", json={"group": group, "on": on(6)})
    again = await client.post(f"/v1/buildings/{building}/unlinks", json={"group": group, "on": on(16)})
    dissolved = await client.post(f"/v1/groups/{group}/dissolution", json={"on": on(5)})

    assert (refused.status_code, refused.json()["type"]) == (409, "still-linked")
    assert left.status_code == 201
    assert (again.status_code, again.json()["type"]) == (409, "not-linked")
    assert dissolved.status_code == 201


async def test_a_batch_of_old_paper_takes_old_paper_of_its_own_unit_and_has_a_paper_itself(serve: Serve) -> None:
    client = (await serve("buildings")).client
    batch, paper = str(uuid4()), {"symbol": "minh-hoa-1/KH-UBND", "date": on(1), "issuer": "UBND (minh họa)"}
    opened = {"takeover_id": batch, "name": "Hồ sơ cũ", "unit": LONG_BIEN}
    group = {"ward": LONG_BIEN, "number": "4", "takeover": batch}

    bare = await client.post("/v1/takeovers", json=opened)
    well = await client.post("/v1/takeovers", json={**opened, "document": paper})
    recent = await client.post("/v1/groups", json={**group, "group_id": str(uuid4()), "on": on(3)})
    elsewhere = await client.post("/v1/groups", json={**group, "ward": BO_DE, "group_id": str(uuid4()), "on": on(300)})
    old = await client.post("/v1/groups", json={**group, "group_id": str(uuid4()), "on": on(300)})

    assert (bare.status_code, bare.json()["pointer"]) == (422, "/document")
    assert well.status_code == 201
    assert (recent.status_code, recent.json()["type"]) == (409, "not-old-paper")
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (409, "outside-the-batch")
    assert old.status_code == 201


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/buildings/nobody", {"Accept-Language": "en;q=."}),
        ("/v1/buildings?q=%00", {}),
        ("/v1/units?cursor=AA", {}),
        ("/events?types=%00", {}),
        ("/v1/registers?unit=%00", {}),
    ],
)
async def test_nonsense_is_refused_and_never_breaks_anything(serve: Serve, path: str, headers: dict[str, str]) -> None:
    client = (await serve("buildings")).client

    answer = await client.get(path, headers=headers)

    assert answer.status_code in {200, 422}
    assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"


async def test_what_was_asked_cannot_be_guessed_from_the_log(serve: Serve) -> None:
    buildings = await serve("buildings")
    group = {"group_id": str(uuid4()), "ward": LONG_BIEN, "number": "5", "on": on(1)}

    await buildings.client.post("/v1/groups", json=group, headers={"Idempotency-Key": "known to the caller alone"})
    await buildings.client.post("/v1/groups", json={**group, "group_id": str(uuid4()), "number": "6"})

    async with buildings.database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT idempotency_key, asked FROM event_log WHERE type LIKE '%group_formed%' ORDER BY pos"
        )
    assert [(row["idempotency_key"] is None, row["asked"] is None) for row in rows] == [(False, False), (True, True)]
    assert "known to the caller alone" not in rows[0]["idempotency_key"]


async def test_where_no_ward_is_left_a_zero_is_not_known(database: Fresh) -> None:
    reports = await database("reporting")
    await reporting.settle(reports, [Delivery(bytes_of(CITY), "buildings", 1)])
    async with reports.transaction(snapshot=True) as tx:
        asking, period = Asking(tx, None), Period(date(2025, 7, 1), date(2026, 6, 30))
        city = await asking.unit("HN")
        assert city is not None
        indicators = store.definitions.indicators()
        figures = {
            one.code: await asking.figure(one, city.path, period)
            for one in indicators.values()
            if one.select and not one.restricted
        }
        known = Known(city, await asking.wards("HN", period.end), period, 1, figures, {}, ())

    form = store.definitions.reports()["thong-tri-05"]
    (cases, wards), _ = domain.report.with_issues(form, ("LB-16", "LB-02"), indicators, known)

    assert (cases["computed"], [one["rule"] for one in cases["issues"]]) == (None, ["DQ-12"])
    assert (wards["computed"], wards["display"][:1]) == (None, "—")


async def test_a_hole_that_grows_is_one_issue(database: Fresh) -> None:
    first, grown = spans("boards", [7]), spans("boards", [7, 8, 9])

    assert issue_of(first[0]) == issue_of(grown[0])
    assert issue_of(spans("boards", [8])[0]) != issue_of(grown[0])


def test_a_service_that_waits_for_its_database_ends_when_told_to(keys: Keys, tmp_path: Path) -> None:
    nowhere = {
        "CHUNGCU_ENV": "development",
        "CHUNGCU_POSTGRES_URL": f"postgresql://127.0.0.1:{free_port()}",
        "CHUNGCU_JWKS": str(keys.file),
        "CHUNGCU_MASTER_KEY_FILE": str(keys.master_key),
    }
    with (tmp_path / "log").open("wb") as log:
        waiting = subprocess.Popen(
            [sys.executable, "-m", "services.boards"],
            env={**os.environ, **nowhere, "CHUNGCU_PORT": str(free_port())},
            stdout=log,
            stderr=log,
        )
    until = time.monotonic() + 20
    while b"waiting for it" not in (tmp_path / "log").read_bytes():
        assert time.monotonic() < until
        time.sleep(0.05)

    waiting.send_signal(signal.SIGTERM)

    assert waiting.wait(5) == 0


async def on_the_bus(databases: Databases, keys: Keys, name: str) -> OwnDatabases:
    """Return the settings of boards with a database and a bus of its own."""
    return OwnDatabases(
        env=Environment.DEVELOPMENT,
        addresses={"boards": await databases.new("boards")},
        jwks=str(keys.file),
        master_key_file=keys.master_key,
        rabbitmq_url=RABBITMQ,
        instance=f"{name}_{uuid4().hex[:8]}",
    )


async def test_a_database_that_blinks_while_a_service_begins_to_listen_leaves_it_hearing(
    databases: Databases, keys: Keys
) -> None:
    settings = await on_the_bus(databases, keys, "blink")
    process = Process(boards_service, settings)
    await process.database.open()
    async with process.database.transaction() as tx:
        await tx.execute("ALTER TABLE topology RENAME TO topology_away")
    await process.database.close()

    async with process.running():
        await asyncio.sleep(0.5)
        away = process.listener.connected
        async with process.database.transaction() as tx:
            await tx.execute("ALTER TABLE topology_away RENAME TO topology")
        async with asyncio.timeout(20):
            while not (process.listener.connected and process.relay.connected):
                await asyncio.sleep(0.1)

    assert away is False
    async with await aio_pika.connect(RABBITMQ) as connection:
        await topology.remove(connection, settings, topology.plan([boards_service.hearing]))


async def test_who_is_connected_and_consumes_nothing_is_deaf_and_who_waits_for_the_broker_is_not(
    databases: Databases, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "DEAF_FOR", 0.0)
    settings = await on_the_bus(databases, keys, "deaf")
    process = Process(boards_service, settings)

    async with process.running():
        async with asyncio.timeout(20):
            while not process.listener.connected:
                await asyncio.sleep(0.05)
        hearing = process.listener.deaf
        broker = process.listener._broker
        assert broker is not None
        for subscriber in broker.subscribers:
            subscriber._consumer_tag = None  # type: ignore[attr-defined]
        for _ in range(2):
            connected = process.listener.deaf
        await broker._connection.close()  # type: ignore[union-attr]
        waiting = process.listener.deaf

    assert (hearing, connected, waiting) == (False, True, False)
    async with await aio_pika.connect(RABBITMQ) as connection:
        await topology.remove(connection, settings, topology.plan([boards_service.hearing]))
