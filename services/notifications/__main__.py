"""`python -m services.notifications` runs the service."""

from services.notifications.app import service

service.main()
