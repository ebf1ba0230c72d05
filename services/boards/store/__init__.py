"""Remembers boards and petitions, and what others told of places."""

from services.boards.store import board, heard, petition

__all__ = ["board", "heard", "petition"]
