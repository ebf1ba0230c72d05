"""The `eventsourcing` library with PostgreSQL, as its tutorial shows: aggregates, an application, a projection.

`python -m benchmarks.rivals.library register|project POSTGRES COUNT`
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from benchmarks.processes import now
from benchmarks.rivals.bare import SAY_EVERY, say

THREADS = 8


class Building(Aggregate):
    """A building of the register."""

    class Registered(Aggregate.Created):
        """It was entered."""

        ward: str
        name: str
        address: str
        apartments: int

    @event(Registered)
    def __init__(self, ward: str, name: str, address: str, apartments: int) -> None:
        """Enter it."""
        self.ward = ward
        self.name = name
        self.address = address
        self.apartments = apartments


class Buildings(Application[UUID]):
    """The register."""

    def register(self, ward: str, name: str, address: str, apartments: int) -> UUID:
        """Enter a building."""
        building = Building(ward, name, address, apartments)
        self.save(building)
        return building.id


class Register(PostgresTrackingRecorder):
    """The read model: every building, and how many a ward has."""

    def __init__(self, datastore: object, **given: object) -> None:
        """Name its tables."""
        super().__init__(datastore, **given)  # type: ignore[arg-type] # passed on as the library hands it over
        schema = Identifier(self.datastore.schema)
        self.sql_create_statements += [
            SQL(
                """CREATE TABLE IF NOT EXISTS {}.entered
                   (id uuid PRIMARY KEY, ward text, name text, address text, apartments int)"""
            ).format(schema),
            SQL("CREATE TABLE IF NOT EXISTS {}.counted (ward text PRIMARY KEY, value int)").format(schema),
        ]

    def enter(self, building: Building.Registered, tracking: Tracking) -> None:
        """Enter a building and count it, together with how far the application was followed."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO entered (id, ward, name, address, apartments) VALUES (%s, %s, %s, %s, %s)",
                (building.originator_id, building.ward, building.name, building.address, building.apartments),
                prepare=True,
            )
            cursor.execute(
                """INSERT INTO counted (ward, value) VALUES (%s, 1)
                   ON CONFLICT (ward) DO UPDATE SET value = counted.value + 1""",
                (building.ward,),
                prepare=True,
            )


class Following(Projection[Register]):
    """Follows the register."""

    heard = 0

    def process_event(self, domain_event: object, tracking: Tracking) -> None:
        """Enter what was registered."""
        if isinstance(domain_event, Building.Registered):
            self.view.enter(domain_event, tracking)
            self.heard += 1


def environment(postgres: str) -> dict[str, str]:
    """Return the library's settings."""
    at = urlsplit(postgres)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": at.path.strip("/"),
        "POSTGRES_HOST": at.hostname or "localhost",
        "POSTGRES_PORT": str(at.port or 5432),
        "POSTGRES_USER": at.username or "",
        "POSTGRES_PASSWORD": at.password or "",
        "POSTGRES_POOL_SIZE": str(THREADS),
    }


def register(postgres: str, count: int) -> None:
    """Register so many buildings when told to."""
    app = Buildings(environment(postgres))
    say("ready")
    sys.stdin.readline()
    say(now())
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in threads.map(lambda one: app.register(*one), buildings(count)):
            pass
    say(now())


def buildings(count: int) -> Iterator[tuple[str, str, str, int]]:
    """Return buildings to register."""
    for nth in range(count):
        yield f"Q001-{nth % 12 + 1:05}-v1", f"Nhà chung cư minh họa {uuid4()}", f"Số {nth} đường Minh Họa", 180


def project(postgres: str, count: int) -> None:
    """Follow the register, and say how far."""
    with ProjectionRunner(
        application_class=Buildings, projection_class=Following, view_class=Register, env=environment(postgres)
    ) as runner:
        following = runner.projection
        assert isinstance(following, Following)
        say("ready")
        while following.heard < count and not runner.is_interrupted.is_set():
            say(now(), following.heard)
            time.sleep(SAY_EVERY)
        say(now(), following.heard)


if __name__ == "__main__":
    {"register": register, "project": project}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
