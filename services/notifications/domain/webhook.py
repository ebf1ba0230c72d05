"""Decides about webhooks: which systems of a unit are called, and at which addresses anybody may be."""

import base64
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.notifications.domain.contact import UnitNotYetKnown
from shared.caller import AskedOn
from shared.errors import NotFound, Refused
from shared.events import UnitId, WebhookSubscribed, WebhookUnsubscribed

SECRET = "whsec_"  # noqa: S105 (what every secret begins with, by the specification of Standard Webhooks)
SHORTEST, LONGEST = 24, 64
"""Bytes that a secret may have, by the same."""
INTERNET = IPv6Network("2000::/3")
"""Where IPv6 addresses of the public internet lie; outside are loopback, private, translated and other special ones."""
LOCAL = (".localhost", ".local", ".internal")
"""How names end that mean this machine or this network."""


def _url(text: str) -> str:
    # What was given is not repeated: this message goes into an answer and could go into a log.
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or parts.fragment or "\\" in text:
        message = "an https address, without user, password or fragment"
        raise ValueError(message)
    return text


def _secret(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix(SECRET), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(SECRET) or not SHORTEST <= len(key) <= LONGEST:
        message = f"{SECRET} and {SHORTEST} to {LONGEST} bytes in base64"
        raise ValueError(message)
    return text


Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[\x21-\x7e]+$"), AfterValidator(_url)]
Secret = Annotated[str, StringConstraints(max_length=100), AfterValidator(_secret)]


class Endpoint(BaseModel):
    """What is sealed: where a system is called, and the secret by which it knows us."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[Url, Field(description="Where the system is called; https.")]
    secret: Annotated[Secret, Field(description="Signs what is sent: whsec_ and 24 to 64 random bytes in base64.")]


class SubscribeWebhook(Endpoint):
    """Ask that a system be told what a unit is told."""

    endpoint_id: UUID
    unit: UnitId

    @property
    def endpoint(self) -> Endpoint:
        """Return what is to be sealed."""
        return Endpoint(url=self.url, secret=self.secret)


class UnsubscribeWebhook(AskedOn):
    """Ask that a system be told no more."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What must be known to subscribe a system: whether it is, or was, and its unit's path."""

    exists: bool
    unit: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What must be known of a subscription to end it."""

    id: UUID
    path: str
    from_day: date
    until_day: date | None


class WebhookAlreadySubscribed(Refused):
    """Điểm nhận tin này đã được đăng ký.

    This endpoint has been subscribed already.
    """


class WebhookNeedsHttps(Refused):
    """Địa chỉ nhận tin phải dùng https.

    A system is called by https alone.
    """

    status = 422


class WebhookNotPublic(Refused):
    """Địa chỉ nhận tin nằm trong mạng nội bộ.

    This address lies in a private network.
    """

    status = 422


class WebhookAlreadyEnded(Refused):
    """Đăng ký này đã chấm dứt.

    This subscription has ended already.
    """


class BeforeItWasSubscribed(Refused):
    """Ngày này trước ngày đăng ký.

    That day lies before the subscription.
    """


def subscribe(ground: Ground, asked: SubscribeWebhook, today: date, *, development: bool) -> WebhookSubscribed:
    """Decide that a system is told what its unit is told, from today on."""
    if ground.exists:
        raise WebhookAlreadySubscribed(pointer="/endpoint_id")
    if ground.unit is None:
        raise UnitNotYetKnown(pointer="/unit")
    parts = urlsplit(asked.url)
    host = (parts.hostname or "").rstrip(".")
    literal = _literal(host)
    here = host == "localhost" if literal is None else literal.is_loopback
    if parts.scheme != "https" and not (development and here):
        raise WebhookNeedsHttps(pointer="/url")
    near = here or (host.endswith(LOCAL) if literal is None else not _is_public(literal))
    if near and not development:
        raise WebhookNotPublic(pointer="/url")
    return WebhookSubscribed(subject=str(asked.endpoint_id), unit=ground.unit, on=today)


def unsubscribe(subscription: Subscription | None, asked: UnsubscribeWebhook) -> WebhookUnsubscribed:
    """Decide that a system is told no more."""
    if subscription is None:
        raise NotFound
    if subscription.until_day is not None:
        raise WebhookAlreadyEnded(until=subscription.until_day.isoformat())
    if asked.on < subscription.from_day:
        raise BeforeItWasSubscribed(pointer="/on", subscribed=subscription.from_day.isoformat())
    return WebhookUnsubscribed(subject=str(subscription.id), unit=subscription.path, on=asked.on)


def may_be_called(scheme: str, address: str, *, development: bool) -> bool:
    """Tell whether a system may be called at an address that its name led to.

    Whoever chooses the name would otherwise reach, through us, what only we can reach. In development a system on
    this machine may be called, also without https.
    """
    found = ip_address(address)
    if development:
        return scheme == "https" or found.is_loopback
    return scheme == "https" and _is_public(found)


def masked(url: str) -> str:
    """Show which system is called, without what its address may hold besides: `https://he-thong.example/…`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address not in INTERNET or address.sixtofour is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
