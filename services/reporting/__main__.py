"""`python -m services.reporting` runs the service."""

from services.reporting.app import service
from shared.service import run

run(service)
