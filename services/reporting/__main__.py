"""`python -m services.reporting` runs the service."""

from services.reporting.app import service

service.main()
