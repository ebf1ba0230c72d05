"""Systems to test from outside. `told` has heard the story and is only looked at; others may be changed or broken."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.system import Foreign, System

POSTGRES = os.environ.get("CHUNGCU_TEST_POSTGRES_URL", "postgresql://root@localhost:5432/postgres")
RABBITMQ = os.environ.get("CHUNGCU_TEST_RABBITMQ_URL", "amqp://guest:guest@localhost:5672/")


@pytest.fixture(scope="session")
def new_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., System]]:
    """Make systems on the servers at hand, and remove them at the end."""
    made: list[System] = []

    def make(**environment: str) -> System:
        home: Path = tmp_path_factory.mktemp("system")
        made.append(
            System(
                home,
                **{
                    "CHUNGCU_SERVERS": "env",
                    "CHUNGCU_POSTGRES_URL": POSTGRES,
                    "CHUNGCU_RABBITMQ_URL": RABBITMQ,
                    **environment,
                },
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.remove()


@pytest.fixture(scope="session")
def told(new_system: Callable[..., System]) -> Iterator[System]:
    """Give a system that has heard the whole story; two foreign queues were bound before it began."""
    system = new_system().up()
    foreign = Foreign(system)
    asyncio.run(foreign.bind("foreign.petitions", "boards.petition_filed.v1.HN.Q004.#"))
    asyncio.run(foreign.bind("foreign.everything", "#"))
    system.play()
    yield system
    asyncio.run(foreign.remove("foreign.petitions", "foreign.everything"))
