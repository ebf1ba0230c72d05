"""`python -m services.buildings` runs the service."""

from services.buildings.app import service

service.main()
