"""The four services, as the operator's tools know them."""

from services.boards.app import service as boards
from services.buildings.app import service as buildings
from services.notifications.app import service as notifications
from services.reporting.app import service as reporting
from shared.service import Service

SERVICES: dict[str, Service] = {one.name: one for one in (buildings, boards, notifications, reporting)}
"""Every service, by its name, in the order in which they are started and listed."""
