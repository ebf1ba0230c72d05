"""`python -m services.buildings` runs the service."""

from services.buildings.app import service
from shared.service import run

run(service)
