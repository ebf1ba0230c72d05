"""Systems to test from outside. `told` has heard the story and is only looked at; others may be changed or broken."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.system import Foreign, System

POSTGRES = os.environ.get("CHUNGCU_TEST_POSTGRES_URL", "postgresql://root@localhost:5432/postgres")
RABBITMQ = os.environ.get("CHUNGCU_TEST_RABBITMQ_URL", "amqp://guest:guest@localhost:5672/")


def _factory(home: Path, made: list[System]) -> Callable[..., System]:
    def make(**environment: str) -> System:
        servers = {
            "CHUNGCU_SERVERS": "env",
            "CHUNGCU_POSTGRES_URL": POSTGRES,
            "CHUNGCU_RABBITMQ_URL": RABBITMQ,
        }
        made.append(System(home / f"system-{len(made)}", **{**servers, **environment}))
        return made[-1]

    return make


@pytest.fixture(name="new_system")
def _new_system(tmp_path: Path) -> Iterator[Callable[..., System]]:
    """Make systems on the servers at hand; they are removed after the test."""
    made: list[System] = []
    yield _factory(tmp_path, made)
    for one in made:
        one.remove()


@pytest.fixture(scope="module", name="lasting_system")
def _lasting_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., System]]:
    """Make systems that live for all tests of a file."""
    made: list[System] = []
    yield _factory(tmp_path_factory.mktemp("lasting"), made)
    for one in made:
        one.remove()


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Give a system that has heard the whole story; three foreign queues were bound before it began."""
    system = _factory(tmp_path_factory.mktemp("told"), [])().up()
    foreign = Foreign(system)
    asyncio.run(foreign.bind("foreign.petitions", "boards.petition_filed.v1.HN.Q004.#"))
    asyncio.run(foreign.bind("foreign.everything", "#"))
    asyncio.run(foreign.bind("foreign.restricted", "#", "chungcu.restricted"))
    system.play()
    yield system
    asyncio.run(foreign.remove("foreign.petitions", "foreign.everything", "foreign.restricted"))
    system.remove()
