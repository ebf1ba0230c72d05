"""Remembers boards and petitions, and what others told of places."""

from services.boards.store import access, board, heard, participation, person, petition

__all__ = ["access", "board", "heard", "participation", "person", "petition"]
