"""Decides about boards and petitions: values in, a fact or a refusal out."""

from services.boards.domain import board, commendation, conference, directive, participation, person, petition, training

__all__ = ["board", "commendation", "conference", "directive", "participation", "person", "petition", "training"]
