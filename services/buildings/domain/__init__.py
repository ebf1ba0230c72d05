"""Decides about places: values in, a fact or a refusal out."""

from services.buildings.domain import building, group, unit

__all__ = ["building", "group", "unit"]
