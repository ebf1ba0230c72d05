"""Hears what somebody must be told of and who they are, and does what is due: decide who is told, and tell them."""

from services.notifications.consumers.hearing import consumers
from services.notifications.consumers.telling import call, decide, send

__all__ = ["call", "consumers", "decide", "send"]
