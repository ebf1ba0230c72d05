"""Remembers boards and petitions, and what others told of places."""

from services.boards.store import (
    access,
    board,
    commendation,
    conference,
    directive,
    heard,
    participation,
    person,
    petition,
    training,
)

__all__ = [
    "access",
    "board",
    "commendation",
    "conference",
    "directive",
    "heard",
    "participation",
    "person",
    "petition",
    "training",
]
