"""Decides about places: values in, a fact or a refusal out."""

from services.buildings.domain import building, group, inspection, unit, violation

__all__ = ["building", "group", "inspection", "unit", "violation"]
