"""`python -m services.boards` runs the service."""

from services.boards.app import service

service.main()
