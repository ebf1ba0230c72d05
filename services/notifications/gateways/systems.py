"""Hands messages to systems of units as Standard Webhooks: signed, to an address that was looked at, and no further."""

import asyncio
import functools
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from services.notifications import domain
from services.notifications.domain.delivery import Outcome, Permanent, Sent, Temporary
from services.notifications.domain.webhook import Endpoint
from shared.settings import Environment, Settings

TIMEOUT = 20.0
"""Seconds a call may take in all."""
TRIED = 3
"""Addresses of one name that are tried in one attempt."""
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Refusals that may pass; every other but those of a server in trouble is final (RFC 9110, section 15)."""
UNREACHABLE = Temporary("UNREACHABLE")


class Systems:
    """Systems of units, called one by one."""

    def __init__(self, settings: Settings) -> None:
        """Note where we run; nothing is opened before `send`."""
        self._development = settings.env is Environment.DEVELOPMENT

    async def send(self, delivery: UUID, endpoint: Endpoint, message: bytes, now: datetime) -> Outcome:
        """Call a system. Every attempt bears the same `webhook-id`, so that a repeated one can be told as such."""
        url = httpx.URL(endpoint.url)
        try:
            async with asyncio.timeout(TIMEOUT):
                addresses = await _resolve(url)
                if not all(self._may_be_called(url, address) for address in addresses):
                    return Permanent("NOT_PUBLIC")
                return await self._call(url, addresses, _signed(delivery, endpoint, message, now), message, now)
        except (httpx.TransportError, OSError, TimeoutError):
            return UNREACHABLE

    def _may_be_called(self, url: httpx.URL, address: str) -> bool:
        return domain.webhook.may_be_called(url.scheme, address, development=self._development)

    async def _call(
        self, url: httpx.URL, addresses: list[str], headers: dict[str, str], message: bytes, now: datetime
    ) -> Outcome:
        # Neither a proxy of the environment nor a redirect may lead elsewhere than to what was looked at.
        async with httpx.AsyncClient(
            verify=_trusted(), trust_env=False, follow_redirects=False, timeout=TIMEOUT
        ) as client:
            for address in addresses[:TRIED]:
                try:
                    async with client.stream(
                        "POST",
                        url.copy_with(host=address),
                        headers={"Host": url.netloc.decode("ascii"), **headers},
                        content=message,
                        # The name is what the certificate must be for, not the address that was looked at.
                        extensions={"sni_hostname": url.host},
                    ) as answer:
                        return _outcome(answer, now)  # what else is answered is not read
                except httpx.ConnectError:
                    continue
        return UNREACHABLE


@functools.cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


async def _resolve(url: httpx.URL) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _signed(delivery: UUID, endpoint: Endpoint, message: bytes, now: datetime) -> dict[str, str]:
    moment = now.astimezone(UTC)  # the library takes whatever it is given for UTC
    return {
        "Content-Type": "application/json",
        "User-Agent": "chungcu",
        "webhook-id": str(delivery),
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(endpoint.secret).sign(str(delivery), moment, message.decode()),
    }


def _outcome(answer: httpx.Response, now: datetime) -> Outcome:
    reason = f"HTTP_{answer.status_code}"
    if answer.is_success:
        return Sent()
    if answer.is_server_error or answer.status_code in PASSING:
        return Temporary(reason, _after(answer.headers.get("Retry-After", ""), now))
    return Permanent(reason)


def _after(said: str, now: datetime) -> timedelta:
    """Read how long to wait: seconds or a date (RFC 9110, section 10.2.3); nothing where it is neither."""
    try:
        if said.isdecimal():
            return timedelta(seconds=int(said))
        at = parsedate_to_datetime(said)
        return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta(0))
    except (ValueError, OverflowError):
        return timedelta(0)
