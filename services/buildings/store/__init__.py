"""Remembers places, and what others told of them."""

from services.buildings.store import building, group, heard, inspection, unit, violation

__all__ = ["building", "group", "heard", "inspection", "unit", "violation"]
