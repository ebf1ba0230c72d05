"""The suite: row after row in one city, each begun under load, hurt, healed, left to come to rest, and judged."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from tests.chaos import rows_events, rows_servers, rows_services, rows_versions, rows_wires
from tests.chaos.city import City, temporary_home
from tests.chaos.results import Outcome
from tests.chaos.rows import TABLE, Row, Skipped

RATE = 20.0
"""Commands a second, at most: so that two cores have time left for the fault."""
WARM = 1.5
AFTER = 1.0

IN_ORDER = (rows_services, rows_servers, rows_wires, rows_events, rows_versions)
"""The rows that change what is in the log for good come last."""
ROWS = {one.name: one for module in IN_ORDER for one in TABLE.values() if one.hurt.__module__ == module.__name__}


async def play(
    rows: Sequence[Row], seed: int, say: Callable[[Outcome], None], note: Callable[[str], None], limit: float
) -> tuple[list[Outcome], dict[str, str]]:
    """Play rows and return what came of each, and on what they ran; what there was no time for is skipped and says so."""
    outcomes: list[Outcome] = []
    end = time.monotonic() + limit
    async with City(temporary_home(), random.Random(seed), RATE, note) as city:
        for row in rows:
            # Each row has dice of its own, so that it can be repeated without the rows before it.
            city.dice.seed(f"{seed} {row.name}")
            if time.monotonic() > end:
                outcome = Outcome(row, skipped="hết giờ · no time left")
            else:
                outcome = await played(city, row)
            outcomes.append(outcome)
            say(outcome)
        return outcomes, city.versions()


async def played(city: City, row: Row) -> Outcome:
    """Play one row and return what came of it; whatever it did is taken back."""
    outcome = Outcome(row)
    began, accounts = time.monotonic(), city.load.accounts
    accepted, unknown, refused = len(accounts.accepted), len(accounts.unknown), len(accounts.refused)
    repeated, letters = city.watch.repeated, len(city.box.ids) - len(set(city.box.ids))
    city.notes.clear()
    try:
        async with asyncio.timeout(row.within):
            await _hurt(city, row, outcome)
    except Skipped as why:
        outcome.skipped = str(why)
    except Exception as error:  # noqa: BLE001 (whatever goes wrong in a row is a finding, and the next row is played)
        outcome.faults.append(_said(error))
    try:
        await city.restore()
        await city.ready()
        if not outcome.skipped:
            if not await city.rest(row.rests):
                outcome.faults.append(f"không yên sau {row.rests:.0f} s · not at rest")
            outcome.verdict = await city.verdict()
    except Exception as error:  # noqa: BLE001 (the same)
        outcome.faults.append(_said(error))
    outcome.commands = len(accounts.accepted) - accepted
    outcome.unknown = len(accounts.unknown) - unknown
    outcome.faults += accounts.refused[refused:][:3]
    outcome.duplicates = city.watch.repeated - repeated
    outcome.duplicates += len(city.box.ids) - len(set(city.box.ids)) - letters
    outcome.notes = list(city.notes)
    if outcome.own:
        outcome.commands, outcome.duplicates = outcome.own.commands, outcome.own.duplicates
        outcome.verdict, outcome.recovered = outcome.own.verdict, outcome.own.recovered
    outcome.seconds = time.monotonic() - began
    return outcome


async def _hurt(city: City, row: Row, outcome: Outcome) -> None:
    async with AsyncExitStack() as around:
        if not row.hidden:
            await around.enter_async_context(city.load.going())
            await asyncio.sleep(WARM)
        own = await row.hurt(city)
        if own:
            outcome.own = own
        if not row.hidden:
            outcome.recovered = await city.recovered()
            await asyncio.sleep(AFTER)


def _said(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_said(one) for one in error.exceptions)
    return f"{type(error).__name__}: {error}"[:600]
