"""The boards service, put together."""

from services.boards import api, consumers
from shared.service import Service

service = Service("boards", api.router, consumers.consumers, seals=True, tells_restricted=True)
