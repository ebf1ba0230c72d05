"""The buildings service, put together."""

from services.buildings import api, consumers
from shared.service import Service

service = Service("buildings", api.router, consumers.consumers)
