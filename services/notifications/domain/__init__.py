"""Decides who must be told of what, in which words, and what follows when telling fails."""

from services.notifications.domain import contact, delivery, notice, occasion, webhook, words

__all__ = ["contact", "delivery", "notice", "occasion", "webhook", "words"]
