"""Decides about boards and petitions: values in, a fact or a refusal out."""

from services.boards.domain import board, participation, person, petition

__all__ = ["board", "participation", "person", "petition"]
