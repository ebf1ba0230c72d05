"""Remembers contacts, systems, what others told of places and boards, and who was told of what."""

from services.notifications.store import board, contact, delivery, heard, notice, webhook

__all__ = ["board", "contact", "delivery", "heard", "notice", "webhook"]
