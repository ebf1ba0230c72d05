"""A reader whose state shows each application: nothing but the inbox keeps an event from being counted again."""

from collections.abc import Sequence
from typing import Any

from shared.database import Database, Transaction
from shared.events import BuildingRegistered, Told
from tests.examples import building_registered, made, told

EVENTS = [told(building_registered(made(f"counted {nth}")), name=f"counted {nth}") for nth in range(8)]
TALLY = "CREATE TABLE tally (event uuid PRIMARY KEY, times int NOT NULL)"


async def count(events: Sequence[Told[BuildingRegistered]], tx: Transaction) -> None:
    """Count each event."""
    await tx.execute(
        """INSERT INTO tally SELECT e, 1 FROM unnest($1::uuid[]) AS e
           ON CONFLICT (event) DO UPDATE SET times = tally.times + 1""",
        sorted(event.id for event in events),
    )


def reader(hearing: Any) -> Any:
    """Return consumers, of a copy of their module, that count."""
    consumers = hearing.Consumers("boards")
    consumers.on(BuildingRegistered)(count)
    return consumers


async def counted(database: Database) -> dict[str, int]:
    """Return which events have been applied, and how often."""
    async with database.transaction() as tx:
        return {str(row["event"]): row["times"] for row in await tx.fetch("SELECT * FROM tally")}
