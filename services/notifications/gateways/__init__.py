"""Calls the outside world: puts deliveries into words, hands e-mail to an SMTP server, and calls systems of units."""

from services.notifications.gateways.mail import Mail
from services.notifications.gateways.systems import Systems
from services.notifications.gateways.wording import Text, made_up, message, text

__all__ = ["Mail", "Systems", "Text", "made_up", "message", "text"]
