"""The reporting service, put together."""

from services.reporting import api, consumers, store
from shared.service import Service

service = Service(
    "reporting",
    api.router,
    consumers.consumers,
    restricted=consumers.restricted,
    pages=api.session.pages,
    exchanged=store.entries.LIVE,
)
