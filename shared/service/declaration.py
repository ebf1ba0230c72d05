"""A service as its `app.py` declares it: what it answers, hears and tells, and what must be there for it."""

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from fastapi import APIRouter, FastAPI

from shared import feed, topology
from shared.consumers import Consumers
from shared.http import problems
from shared.http.pages import DOOR, DRESS, Pages

OPEN = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
"""What answers without a token: health, figures, and the service's description of itself."""
OPEN_WITH_PAGES = frozenset({DOOR, DRESS})
"""What answers without a token besides, where there are pages: the door, and what pages are dressed in."""


class Part(StrEnum):
    """What a process of a service does."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Service:
    """One service, as its `app.py` declares it."""

    name: str
    router: APIRouter
    consumers: Consumers
    seals: bool = False
    """Whether it keeps people's data, and so cannot start without the master key."""
    tells_restricted: bool = False
    """Whether it has a restricted log."""
    restricted: Consumers | None = None
    """Readers of restricted events, where it has any."""
    pages: Pages | None = None
    """Pages for people, where it has any."""
    exchanged: tuple[str, ...] = ()
    """Tables that a rebuild exchanges for others of the same name."""

    @property
    def hears_itself(self) -> bool:
        """Tell whether what it tells comes back to it over the bus, and is known to it only then."""
        return any(event.source == self.name for event in self.consumers.hears)

    @property
    def hearing(self) -> topology.Hearing:
        """Return what the service's queues are bound to."""
        apart = self.restricted.patterns if self.restricted else () if self.tells_restricted else None
        return topology.Hearing(self.consumers.service, self.consumers.patterns, apart)

    def application(self, *, answers: bool = True) -> FastAPI:
        """Return the HTTP application; it answers once it has been given a running process's state.

        Without `answers` it has nothing to ask: a worker says only how it is.
        """
        app = FastAPI(
            title=f"chungcu · {self.name}",
            version="1",
            description=import_module(f"services.{self.name}").__doc__ or "",
            openapi_url="/openapi.json",
            docs_url="/docs",
            redoc_url=None,
        )
        app.state.service = self.name
        app.state.pages = self.pages
        problems.install(app)
        if answers:
            # As one flat list: a router that is included is looked through twice for every request.
            app.router.routes.extend((*self.router.routes, *feed.router.routes))
            if self.tells_restricted:
                app.router.routes.extend(feed.restricted_router.routes)
            if self.pages:
                app.get(DOOR, include_in_schema=False)(self.pages.enter)
                app.get(DRESS, include_in_schema=False)(self.pages.dress)
        return app
