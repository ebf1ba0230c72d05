"""A service: declared once, and run as a process."""

from shared.service.declaration import OPEN, OPEN_WITH_PAGES, Part, Service
from shared.service.process import Process, run

__all__ = ["OPEN", "OPEN_WITH_PAGES", "Part", "Process", "Service", "run"]
