"""`python -m services.boards` runs the service."""

from services.boards.app import service
from shared.service import run

run(service)
