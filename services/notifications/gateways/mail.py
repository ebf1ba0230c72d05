"""Hands e-mail to an SMTP server."""

import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from services.notifications.domain.delivery import Outcome, Permanent, Sent, Temporary
from services.notifications.gateways.wording import Text
from shared.events.notifications import Language
from shared.settings import Settings

TIMEOUT = 15.0
"""Seconds each step of a talk with the SMTP server may take."""
PERMANENT = 500
"""SMTP replies from here on are final (RFC 5321, section 4.2.1)."""


class Mail:
    """E-mail by way of one SMTP server."""

    def __init__(self, settings: Settings) -> None:
        """Read where the server is; nothing is opened before `send`."""
        parts = urlsplit(settings.smtp_url or "")
        password = settings.smtp_password_file
        self._from = settings.smtp_from
        self._user = unquote(parts.username) if parts.username else None
        self._password = password.read_text().strip() if password and self._user else None
        self._host = parts.hostname or "localhost"
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)

    async def send(self, delivery: UUID, address: str, said: Text, language: Language, now: datetime) -> Outcome:
        """Send one e-mail. Every attempt bears the same Message-ID, so that a repeated one can be told as such."""
        message = self._message(delivery, address, said, language, now)
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            use_tls=self._tls,
            # A password never travels in the clear; without one, TLS is used where it is offered.
            start_tls=True if self._user and not self._tls else None,
            local_hostname=self._from.rpartition("@")[2],
            timeout=TIMEOUT,
        )
        try:
            async with server:
                return await self._hand_over(server, message, address)
        except aiosmtplib.SMTPResponseException as error:
            # It would not talk to us, or not with this password: a fault of ours, not of the recipient's address.
            return Temporary(f"SMTP_{error.code}")
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError):
            return Temporary("UNREACHABLE")

    async def _hand_over(self, server: aiosmtplib.SMTP, message: EmailMessage, address: str) -> Outcome:
        try:
            await server.send_message(message, sender=self._from, recipients=[address])
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except aiosmtplib.SMTPDataError as error:
            return _refused(error.code)
        return Sent()

    def _message(self, delivery: UUID, address: str, said: Text, language: Language, now: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = address
        message["Subject"] = said.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{delivery}@chungcu>"
        message["Content-Language"] = language.value
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(said.body, charset="utf-8", cte="base64")
        return message


def _refused(code: int) -> Outcome:
    reason = f"SMTP_{code}"
    return Permanent(reason) if code >= PERMANENT else Temporary(reason)
