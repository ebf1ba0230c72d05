"""A day of an operator: an event that cannot be applied is found, understood, mended, applied; another is set aside."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aio_pika
import pytest

from tests.e2e.system import System, wait_for
from tests.examples import ONE_OF_EACH, PARTICIPANT, building_registered, made, told

WHY = "nguồn ghi nhầm số khối nhà (văn bản minh họa 12)"
ESCAPE = "\x1b[2J"


@pytest.fixture(scope="module")
def run(lasting_system: Callable[..., System]) -> System:
    """Give a system that has heard nothing yet, run by somebody with a name."""
    return lasting_system(CHUNGCU_OPERATOR="nguyen.van.a").up()


def poisoned(house: str, /, **changed: Any) -> dict[str, Any]:
    """Return a building with a field that does not fit its contract."""
    said: dict[str, Any] = json.loads(told(building_registered(made(house)), name=house).body)
    return {**said, "data": {**said["data"], **changed}}


def put(system: System, queue: str, said: dict[str, Any]) -> str:
    """Put an event into a queue, wait until it is parked, and return its id."""

    async def publish() -> None:
        async with await aio_pika.connect(system.broker) as connection, connection.channel() as channel:
            headers: dict[str, Any] = {"logsource": "buildings"}
            if queue != "reporting":  # which would miss all before it
                headers["logseq"] = 900
            message = aio_pika.Message(json.dumps(said).encode(), headers=headers)
            await channel.default_exchange.publish(message, routing_key=system.bus(queue))

    asyncio.run(publish())
    service = queue.removeprefix("restricted.")
    schema = "restricted" if service != queue else "public"
    wait_for(lambda: bool(fetch(system, service, f"SELECT FROM {schema}.parked WHERE id = $1", said["id"])))
    return str(said["id"])


def fetch(system: System, service: str, question: str, *values: object) -> list[Any]:
    """Look into a service's database as its administrator."""
    return asyncio.run(system.fetch(service, question, *values))


def blocks(system: System, name: str) -> list[int]:
    """Return how many blocks boards knows a building to have."""
    rows = fetch(system, "boards", "SELECT blocks FROM building_registered WHERE building = $1", made(name))
    return [row["blocks"] for row in rows]


def test_a_poisoned_event_is_found_understood_mended_and_applied(run: System) -> None:
    event = put(run, "boards", poisoned("mended", blocks="hai", name=f"Nhà{ESCAPE} A1"))
    wait_for(lambda: "boards: 1" in run.chungcu("doctor", check=False).stderr)

    # Found.
    faults = run.chungcu("doctor", check=False)
    listed = run.chungcu("parked", "list").stdout
    by_fault = json.loads(run.chungcu("parked", "list", "--by-fault", "--json").stdout)
    assert faults.returncode == 1
    assert "chungcu parked list -s boards" in faults.stderr
    assert f"chungcu parked show {event} -s boards" in listed
    assert [(one["service"], one["events"], one["example"]) for one in by_fault] == [("boards", 1, event)]

    # Understood.
    shown = run.chungcu("parked", "show", event).stdout
    assert "buildings.building_registered.v1" in shown
    assert "buildings no. 900" in shown
    assert "HN.Q004.Q004-00121-v1" in shown
    assert "Input should be a valid integer" in shown
    assert "data.blocks" in shown
    assert "data.name" in shown
    assert '"blocks": "hai"' in shown
    assert "\\u001b[2J" in shown
    assert "\x1b" not in shown

    # Mended, at last with everything it needs.
    hasty = run.chungcu("parked", "edit", event, "--set", "data.blocks=2", check=False)
    half = run.chungcu("parked", "edit", event, "--set", "data.blocks=2", "--reason", WHY, check=False)
    draft = Path(half.stderr.split("--file ")[1].split()[0])
    mended = json.loads(draft.read_text())
    draft.write_text(json.dumps({**mended, "data": {**mended["data"], "name": "Nhà A1"}}))
    done = run.chungcu("parked", "edit", event, "--file", str(draft), "--reason", WHY)
    draft.unlink()

    assert hasty.returncode == half.returncode == 1
    assert "--reason" in hasty.stderr
    assert "data.name" in half.stderr
    assert mended["data"]["blocks"] == 2
    assert "1/1" in done.stdout
    assert blocks(run, "mended") == [2]
    wait_for(lambda: run.chungcu("doctor", check=False).returncode == 0)

    # Who, and why.
    noted = run.chungcu("parked", "audit", event).stdout
    assert "nguyen.van.a  EDITED  boards" in noted
    assert WHY in noted
    assert '-    "blocks": "hai",' in noted
    assert '+    "blocks": 2,' in noted
    assert "\x1b" not in noted


def test_what_reporting_applied_otherwise_than_told_is_said_and_is_no_difference(run: System) -> None:
    event = put(run, "reporting", poisoned("counted", storeys=1))
    before = run.chungcu("verify", "reporting").stdout

    run.chungcu("parked", "edit", event, "--set", "data.storeys=5", "--reason", WHY)

    (kept,) = fetch(run, "reporting", "SELECT body->'data'->>'storeys' AS storeys FROM journal WHERE event = $1", event)
    after = run.chungcu("verify", "reporting").stdout
    assert kept["storeys"] == "5"
    assert "edited" not in before
    assert "1 sự kiện đã được sửa · events were edited" in after


def test_an_event_is_edited_in_an_editor(run: System, tmp_path: Path) -> None:
    event = put(run, "boards", poisoned("written", blocks="ba"))
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\nfile = pathlib.Path(sys.argv[1])\nfile.write_text(file.read_text().replace('\"ba\"', '3'))\n"
    )
    run.environment["EDITOR"] = f"{sys.executable} {script}"
    run.environment.pop("VISUAL", None)

    kept = run.chungcu("parked", "edit", event, "--keep", "--reason", WHY)
    stored = fetch(run, "boards", "SELECT next_at FROM parked WHERE id = $1", event)
    tried = run.chungcu("parked", "retry", event)

    assert f"chungcu parked retry {event}" in kept.stdout
    assert [row["next_at"] for row in stored] == [None]
    assert "1/1" in tried.stdout
    assert blocks(run, "written") == [3]


def test_an_event_is_set_aside_for_a_reason_and_put_back(run: System) -> None:
    event = put(run, "boards", poisoned("aside", blocks=-1))
    others = [put(run, "boards", {**poisoned(name), "type": "boards.board_formed.v99"}) for name in ("x", "y")]

    refused = run.chungcu("parked", "drop", event, "--yes", check=False)
    unsure = run.chungcu("parked", "drop", event, "--reason", WHY, check=False)
    still = run.chungcu("parked", "list").stdout
    dropped = run.chungcu("parked", "drop", event, "--reason", WHY, "--yes").stdout
    between = run.chungcu("parked", "list").stdout
    noted = run.chungcu("parked", "audit", event).stdout
    restored = run.chungcu("parked", "restore", event).stdout
    again = run.chungcu("parked", "restore", event, check=False)
    shown = run.chungcu("parked", "show", event).stdout

    assert refused.returncode == unsure.returncode == again.returncode == 1
    assert event in still
    assert f"chungcu parked restore {event} -s boards" in dropped
    assert event not in between
    assert "DROPPED" in noted
    assert '"blocks": -1' in noted
    assert f"chungcu parked retry {event}" in restored
    assert "data.blocks" in shown

    # A group, by what is wrong with it.
    (group,) = (
        one
        for one in json.loads(run.chungcu("parked", "list", "--json").stdout)
        if one["id"] == others[0] and one["service"] == "boards"
    )
    assert "known editions: boards.board_formed.v1" in run.chungcu("parked", "show", others[0]).stdout
    failing = run.chungcu("parked", "retry", "--fingerprint", group["fingerprint"], check=False)
    gone = run.chungcu("parked", "drop", "--fingerprint", group["fingerprint"], "--reason", WHY, "--yes")
    assert (failing.returncode, "0/2" in failing.stdout) == (1, True)
    assert "2/2" in gone.stdout
    acts = run.chungcu("parked", "audit").stdout
    assert [acts.count(f"{what}  boards  {others[1]}") for what in ("RETRIED", "DROPPED")] == [1, 1]


def test_a_restricted_event_is_looked_at_for_a_purpose_that_is_kept(run: System) -> None:
    restricted: dict[str, Any] = json.loads(told(next(one for one in ONE_OF_EACH if one.restricted)).body)
    event = put(run, "restricted.reporting", {**restricted, "data": {**restricted["data"], "categories": "none"}})
    purpose = "xem trường nào sai (yêu cầu minh họa 3)"
    part = "reporting.restricted"

    named = run.chungcu("doctor", check=False).stderr
    listed = run.chungcu("parked", "list", "--json").stdout + run.chungcu("parked", "list").stdout
    refused = run.chungcu("parked", "show", event, check=False)
    shown = run.chungcu("parked", "show", event, "--purpose", purpose).stdout
    run.chungcu("parked", "drop", event, "--reason", WHY, "--yes")
    silent = run.chungcu("parked", "audit", event).stdout
    spoken = run.chungcu("parked", "audit", event, "--purpose", purpose).stdout
    noted = fetch(run, "reporting", "SELECT operator, action, reason FROM restricted.parked_audit ORDER BY pos")

    assert f"chungcu parked list -s {part}" in named
    assert event in listed
    assert PARTICIPANT not in listed
    assert refused.returncode == 1
    assert PARTICIPANT not in refused.stdout + refused.stderr
    assert PARTICIPANT in shown
    assert "data.categories" in shown
    assert PARTICIPANT not in silent
    assert PARTICIPANT in spoken
    looked = ("nguyen.van.a", "LOOKED", purpose)
    assert [tuple(row) for row in noted] == [looked, ("nguyen.van.a", "DROPPED", WHY), looked]
