"""The notifications service, put together."""

from services.notifications import api, consumers
from shared.service import Service

service = Service("notifications", api.router, consumers.consumers, seals=True)
