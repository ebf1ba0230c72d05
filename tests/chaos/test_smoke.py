"""The most telling faults, short, in one city on servers of its own; `make chaos` does all of them, and longer."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ops.services import SERVICES
from tests.chaos import suite
from tests.chaos.city import City, temporary_home
from tests.chaos.ledger import Fault
from tests.chaos.rows import Row
from tests.chaos.watch import EVERY

SEED = 20_250_701


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[City]:
    async with City(temporary_home(), random.Random(SEED), suite.RATE, lambda _: None) as one:
        yield one


async def kill_each(city: City) -> None:
    """Kill every service once, one while the others still come back."""
    for service in city.dice.sample(list(SERVICES), len(SERVICES)):
        city.kill(service)
        await city.a_while(0.2, 0.8)
    await city.ready()
    city.heal()


KILL_EACH = Row("kill-each", "kill −9 mỗi dịch vụ · each service killed", "P1 P2 P3 P6", kill_each)
TELLING = (KILL_EACH, *(suite.ROWS[name] for name in ("broker-kill", "postgres-terminate", "poison")))


@pytest.mark.parametrize("row", TELLING, ids=lambda row: row.name)
async def test_nothing_is_lost_done_twice_disordered_or_stuck(city: City, row: Row) -> None:
    city.dice.seed(f"{SEED} {row.name}")

    outcome = await suite.played(city, row)

    assert outcome.evidence() == []
    assert outcome.green
    assert outcome.commands > 10
    assert outcome.recovered is not None


async def test_what_is_spoiled_in_the_real_books_turns_every_verdict_red(city: City) -> None:
    async with city.load.going():
        await asyncio.sleep(3)
    assert await city.rest(40)
    before = await city.verdict()

    await city.system.fetch("boards", "DELETE FROM building_registered")
    await city.system.fetch("boards", "UPDATE petition SET outcome = 'UNHEARD_OF'")
    await city.system.fetch("reporting", "UPDATE aggregates SET value = value + 1 WHERE line = 'LB-05'")
    await city.system.fetch("buildings", "UPDATE relay SET sent = sent - 1")
    await asyncio.sleep(2 * EVERY)
    after = await city.verdict()

    assert before.holds
    assert {fault: bool(after.count(fault)) for fault in Fault} == dict.fromkeys(Fault, True)
