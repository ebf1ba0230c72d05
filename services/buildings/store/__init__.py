"""Remembers places, and what others told of them."""

from services.buildings.store import building, group, heard, unit

__all__ = ["building", "group", "heard", "unit"]
