"""Hearing: each event once, in batches, in any order; what fails is put aside and seen."""

from shared.consumers.hearing import Consumers, Delivery, Due, Heard, Outdated, Work
from shared.consumers.listening import REPLAYED, Listener

__all__ = ["REPLAYED", "Consumers", "Delivery", "Due", "Heard", "Listener", "Outdated", "Work"]
