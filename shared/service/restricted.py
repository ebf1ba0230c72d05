"""The restricted part of a process: its own role, schema, log and queue, so that nothing of it joins the rest."""

import asyncio

from shared import topology
from shared.consumers import Listener
from shared.database import Database
from shared.relay import Relay
from shared.service.declaration import Service
from shared.settings import Settings
from shared.telemetry import Metrics


class Restricted:
    """Database, relay and ears for restricted events.

    Every part has a log, for its tables are those of any service; where nothing is told into it, it stays empty.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        """Prepare; nothing is opened yet."""
        self.database = Database(
            settings.restricted_database(service.name),
            f"chungcu {service.name} restricted",
            topology.RESTRICTED_SCHEMA,
        )
        metrics = Metrics()  # how many restricted events there were is no figure to be seen by everybody
        self.relay = Relay(service.name, self.database, settings, metrics, topology.RESTRICTED)
        self.listener = Listener(service.restricted, self.database, settings, metrics) if service.restricted else None
        self._tells = service.tells_restricted

    def carry(self) -> list[asyncio.Task[None]]:
        """Begin to tell and to hear."""
        tasks = [asyncio.create_task(self.listener.run())] if self.listener else []
        return [*tasks, asyncio.create_task(self.relay.run())] if self._tells else tasks
