"""Remembers contacts, what others told of places, and who was told of what."""

from services.notifications.store import contact, delivery, heard, notice

__all__ = ["contact", "delivery", "heard", "notice"]
