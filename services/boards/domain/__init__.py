"""Decides about boards and petitions: values in, a fact or a refusal out."""

from services.boards.domain import (
    board,
    body,
    cell,
    commendation,
    conference,
    conflict,
    consolidation,
    directive,
    group,
    overlap,
    participation,
    person,
    petition,
    regulation,
    supervision,
    training,
)

__all__ = [
    "board",
    "body",
    "cell",
    "commendation",
    "conference",
    "conflict",
    "consolidation",
    "directive",
    "group",
    "overlap",
    "participation",
    "person",
    "petition",
    "regulation",
    "supervision",
    "training",
]
