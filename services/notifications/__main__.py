"""`python -m services.notifications` runs the service."""

from services.notifications.app import service
from shared.service import run

run(service)
