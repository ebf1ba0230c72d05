"""Whatever the bus does to events, the numbers come out the same; and what is withheld is missed by name."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from tests.e2e.figures import FIGURES
from tests.e2e.system import PAPER, REPORT, Foreign, System, until
from tests.e2e.test_story import line

ENTRIES = "SELECT kind, bearer, subject, on_day, sign, attributes - 'version' AS attributes FROM entries ORDER BY 1, 2, 3, 4, 5, 6"
SUMS = "SELECT line, bearer, grain, period, value FROM aggregates WHERE value <> 0 ORDER BY 1, 2, 3, 4"


class Meddler:
    """Stands between the exchange and reporting's queue: repeats, shuffles, withholds."""

    def __init__(self, system: System, seed: int) -> None:
        """`withheld` names an event type and the day of the one to keep back."""
        self._system = system
        self._dice = random.Random(seed)
        self._held: list[tuple[aio_pika.Message, int]] = []
        self.withheld: list[dict[str, Any]] = []
        self.passed_on = 0
        self.ready = asyncio.Event()

    async def run(self, day_of_the_withheld: str) -> None:
        """Meddle until cancelled."""
        queue_name, own_name = self._system.bus("reporting"), self._system.bus("meddler")
        async with (
            await aio_pika.connect(self._system.broker) as connection,
            connection.channel(publisher_confirms=False) as channel,
        ):
            events = await channel.get_exchange(self._system.bus("chungcu.events"))
            own = await channel.declare_queue(own_name, exclusive=True)
            await own.bind(events, routing_key="#")
            reporting = await channel.get_queue(queue_name)
            await reporting.unbind(events, routing_key="#")
            self.ready.set()
            while True:
                message = await own.get(no_ack=True, fail=False)
                if message is None:
                    await self._let_go(channel, queue_name, everything=True)
                    await asyncio.sleep(0.05)
                    continue
                self._consider(message, day_of_the_withheld)
                await self._let_go(channel, queue_name, everything=False)

    def _consider(self, message: aio_pika.abc.AbstractIncomingMessage, day: str) -> None:
        said = json.loads(message.body)
        if said.get("type") == "boards.board_formed.v1" and said["occurredon"] == day:
            self.withheld.append({**said, "logseq": message.headers["logseq"]})
            return
        copy = aio_pika.Message(message.body, headers=message.headers, message_id=message.message_id)
        self._held.append((copy, self._dice.choice((1, 2, 3))))

    async def _let_go(self, channel: aio_pika.abc.AbstractChannel, to: str, *, everything: bool) -> None:
        if not everything and len(self._held) < 300:
            return
        copies = [message for message, times in self._held for _ in range(times)]
        self._dice.shuffle(copies)
        self._held.clear()
        for message in copies:
            await channel.default_exchange.publish(message, routing_key=to)
        self.passed_on += len(copies)


@pytest.fixture(scope="module")
def meddled(lasting_system: Callable[..., System]) -> System:
    """Give a system whose reporting has its feed switched off and soon misses what does not come."""
    return lasting_system(CHUNGCU_FEEDS="{}", CHUNGCU_GAP_AFTER="1.5").up()


def holes(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the issues of a report or of a line that say what was not heard."""
    return [one for one in shown["issues"] if one["rule"] == "DQ-15"]


async def test_repeated_and_shuffled_events_give_the_same_entries_and_a_withheld_one_is_named_until_it_heals(
    meddled: System, told: System
) -> None:
    meddler = Meddler(meddled, seed=20221201)
    meddling = asyncio.create_task(meddler.run("2022-12-01"))
    await meddler.ready.wait()
    await asyncio.to_thread(meddled.play)

    async def missed() -> bool:
        return bool(holes(await asyncio.to_thread(meddled.review)))

    await until(missed)
    report = meddled.review()

    (withheld,) = meddler.withheld
    assert meddler.passed_on > 1000
    assert line(report, "LB-05")["computed"] == 7
    (issue,) = holes(line(report, "LB-05"))
    assert issue["missing"] == {"origin": "boards", "first": withheld["logseq"], "last": withheld["logseq"]}
    assert holes(line(report, "LB-01")) == []
    meddling.cancel()
    await asyncio.gather(meddling, return_exceptions=True)

    position = report["as_of"]["position"]
    earlier = meddled.ask(
        "reporting",
        "GET",
        REPORT,
        params={"unit": "Q004", "from": "2021-09-30", "to": "2022-12-01", "as_of": position},
    ).content
    del meddled.environment["CHUNGCU_FEEDS"]
    await asyncio.to_thread(meddled.up)

    async def healed() -> bool:
        now = await asyncio.to_thread(meddled.review)
        return line(now, "LB-05")["computed"] == 8 and not holes(now)

    await until(healed)
    assert meddled.figures() == FIGURES
    again = meddled.ask(
        "reporting",
        "GET",
        REPORT,
        params={"unit": "Q004", "from": "2021-09-30", "to": "2022-12-01", "as_of": position},
    ).content
    assert again == earlier
    assert line(json.loads(again), "LB-05")["computed"] == 7
    mine, theirs = await meddled.fetch("reporting", ENTRIES), await told.fetch("reporting", ENTRIES)
    assert [tuple(row) for row in mine if row["kind"] != "issue"] == [
        tuple(row) for row in theirs if row["kind"] != "issue"
    ]
    assert [tuple(row) for row in await meddled.fetch("reporting", SUMS)] == [
        tuple(row) for row in await told.fetch("reporting", SUMS)
    ]
    assert meddled.chungcu("verify", "reporting").returncode == 0


async def test_after_later_back_dated_events_the_earlier_answer_is_the_same_to_the_byte(meddled: System) -> None:
    """Runs on the healed system of the test before it."""
    asked = {"unit": "Q004", "from": "2021-09-30", "to": "2022-12-01"}
    first = meddled.ask("reporting", "GET", REPORT, params=asked)
    position = first.json()["as_of"]["position"]
    takeover = str(uuid4())
    meddled.tell(
        "boards",
        "/v1/takeovers",
        {"takeover_id": takeover, "name": "Bổ sung (minh họa)", "unit": "Q004", "document": PAPER},
    )
    boards = meddled.ask("boards", "GET", "/v1/boards", params={"limit": 1000}).json()["items"]
    managed = {building for board in boards if board["closed"] is None for building in board["buildings"]}
    buildings = meddled.ask("buildings", "GET", "/v1/buildings", params={"limit": 1000}).json()["items"]
    free = next(one for one in buildings if one["id"] not in managed and one["blocks"] == 1)
    members = [{"person": str(uuid4()), "role": role} for role in ("HEAD", "DEPUTY", "MEMBER")]

    formed = meddled.tell(
        "boards",
        "/v1/boards",
        {
            "board_id": str(uuid4()),
            "building_ids": [free["id"]],
            "decision": {"symbol": "minh-hoa-999/QĐ-UBND", "date": "2022-03-01", "issuer": "UBND quận Long Biên"},
            "members": members,
            "takeover": takeover,
        },
    )

    now = meddled.answered("reporting", REPORT, params={**asked, "min_position": formed["id"]})
    then = meddled.ask("reporting", "GET", REPORT, params={**asked, "as_of": position})
    assert line(now.json(), "LB-05")["computed"] == 9
    assert then.content == first.content


async def test_a_foreign_consumer_gets_exactly_the_petitions_of_its_district(told: System) -> None:
    messages = await Foreign(told).messages("foreign.petitions")

    shown = told.ask("boards", "GET", "/v1/petitions", params={"limit": 1000}).json()["items"]
    expected = [one for one in shown if one["unit"].startswith("HN.Q004.")]
    received = [json.loads(message.body) for message in messages]
    assert {one["type"] for one in received} == {"boards.petition_filed.v1"}
    assert sorted(one["subject"] for one in received) == sorted(one["id"] for one in expected)
    assert len(received) == 12
    assert all(message.content_type == "application/cloudevents+json" for message in messages)
