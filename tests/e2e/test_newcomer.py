"""The README's consumer, as it is printed there: it gets the past by one command and goes on live, each event once."""

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest

from shared.caller import HANOI
from tests.e2e.system import ROOT, System, until, wait_for

QUEUE = "petitions_per_ward"
REPLAY = ("replay", "--from", "boards", "--types", "boards.petition_filed.v1", "--to-queue", QUEUE)
WARD = "HN-00145-2025"
"""A ward of today, in which the story does not play."""


class Newcomer:
    """The example in a process of its own."""

    def __init__(self, system: System, folder: Path) -> None:
        """Start it."""
        self._kept, self._system = folder / "counts.sqlite", system
        addresses = {"RABBITMQ_URL": system.broker, "PREFIX": system.bus(""), "COUNTS": str(self._kept)}
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "docs/examples/consumer.py"],
                cwd=folder,
                env={**os.environ, **addresses},
                stdout=log,
                stderr=log,
            )

    def counts(self) -> dict[str, int]:
        """Return what it counted."""
        with closing(sqlite3.connect(self._kept)) as connection, suppress(sqlite3.OperationalError):
            return dict(connection.execute("SELECT ward, filed FROM petitions"))
        return {}  # it has not begun

    def expected(self) -> dict[str, int]:
        """Return what the API says."""
        shown = self._system.ask("boards", "GET", "/v1/petitions", params={"limit": 1000}).json()["items"]
        return Counter(one["unit"].rpartition(".")[2] for one in shown)


async def all_taken(system: System) -> bool:
    """Tell whether nothing waits in the queue any more."""
    async with await aio_pika.connect(system.broker) as connection, connection.channel() as channel:
        queue = await channel.declare_queue(system.bus(QUEUE), passive=True)
        return queue.declaration_result.message_count == 0


@pytest.fixture
async def newcomer(told: System, tmp_path: Path) -> AsyncIterator[Newcomer]:
    one = Newcomer(told, tmp_path)
    yield one
    one.process.terminate()
    one.process.wait(20)
    async with await aio_pika.connect(told.broker) as connection, connection.channel() as channel:
        await channel.queue_delete(told.bus(QUEUE))


def test_the_readme_shows_the_file_that_runs() -> None:
    assert f"```python\n{(ROOT / 'docs/examples/consumer.py').read_text()}```" in (ROOT / "README.md").read_text()


async def test_a_newcomer_gets_the_year_by_one_command_and_goes_on_live(told: System, newcomer: Newcomer) -> None:
    year = newcomer.expected()

    said = told.chungcu(*REPLAY)
    wait_for(lambda: newcomer.counts() == year)
    told.tell(
        "boards",
        "/v1/petitions",
        {
            "petition_id": str(uuid4()),
            "kind": "FEEDBACK",
            "topic": "OTHER",
            "channel": "COUNTER",
            "unit": WARD,
            "on": datetime.now(HANOI).date().isoformat(),
        },
    )
    wait_for(lambda: newcomer.counts().get(WARD) == year.get(WARD, 0) + 1)
    again = told.chungcu(*REPLAY)
    messages = sum(newcomer.expected().values())
    await until(partial(all_taken, told))

    assert sum(year.values()) >= 12
    assert f"boards: {sum(year.values())} sự kiện" in said.stdout
    assert f"boards: {messages} sự kiện" in again.stdout
    assert newcomer.counts() == newcomer.expected() == {**year, WARD: year.get(WARD, 0) + 1}
    assert newcomer.process.poll() is None


def test_a_type_of_no_source_and_a_queue_of_ours_are_refused_in_words(told: System) -> None:
    unknown = told.chungcu("replay", "--from", "boards", "--types", "boards.x.v1", "--to-queue", "nobody", check=False)
    ours = told.chungcu("replay", "--from", "boards", "--to-queue", "reporting", check=False)

    assert (unknown.returncode, ours.returncode) == (1, 1)
    assert "boards.x.v1" in unknown.stderr
    assert "--force" in ours.stderr
