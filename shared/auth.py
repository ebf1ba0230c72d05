"""Who may do what: bearer tokens with permissions and with the units whose subtrees they cover."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from shared.errors import Refused
from shared.settings import Environment, Settings

ALGORITHMS = ["RS256", "EdDSA"]
DEVELOPMENT_KEY = "development"
"""Key id of every development key; production refuses it."""
LEEWAY = 30
"""Seconds by which clocks may differ."""
REMEMBERED = 1000
"""Tokens that are remembered to be good."""
REMEMBERED_FOR = 60.0
"""Seconds for which they are: after that a key that was withdrawn opens nothing more."""

PERMISSIONS: dict[str, str] = {
    "units.write": "establish and close administrative units",
    "groups.write": "form and dissolve residential groups",
    "buildings.read": "read buildings, residential groups and their history",
    "buildings.write": "register buildings and change where they belong",
    "liaisons.write": "name who receives what is sent to a unit or group",
    "registers.read": "read which registers units keep",
    "registers.write": "open and confirm registers",
    "takeover.write": "open a batch for old paper and enter it",
    "boards.read": "read management boards and their history",
    "boards.write": "record boards, their members, and how they work with residential groups",
    "inspections.write": "record inspections and violations",
    "petitions.read": "read petitions and conflicts, and their history",
    "petitions.write": "file, flag and resolve petitions; record and settle conflicts",
    "programme.read": "read conferences, directives, training and commendations",
    "programme.write": "record conferences, directives, training and commendations",
    "people.read": "read who a person is and how to reach them, for a purpose that is recorded",
    "people.write": "record who a person is",
    "people.erase": "erase a person",
    "profiles.read": "read a person's political ties, for a purpose that is recorded",
    "profiles.write": "record a person's political ties",
    "participation.tell": "tell restricted facts before the end of the day",
    "accesses.read": "read who looked at whose sensitive data, and for what",
    "contacts.read": "read deliveries, inboxes and whether a person can be reached",
    "contacts.write": "record how a person can be reached",
    "reports.read": "read reports and what made their numbers",
    "reports.participation": "read the restricted lines of reports",
    "periods.write": "declare for which period a report is due",
    "figures.write": "declare figures and set targets",
    "webhooks.write": "subscribe a unit's system to what the unit is told",
    "issues.acknowledge": "acknowledge issues about figures, with a reason",
    "events.read": "read the feed of events",
    "events.restricted": "read the feed of restricted events",
}
"""Every permission there is."""

RESTRICTED = frozenset(
    {
        "profiles.read",
        "profiles.write",
        "participation.tell",
        "accesses.read",
        "reports.participation",
        "events.restricted",
    }
)
"""Permissions that reach restricted facts."""


class Unauthenticated(Refused):
    """Cần mã truy cập hợp lệ (Authorization: Bearer …).

    A valid token is needed (Authorization: Bearer …).
    """

    status = 401


class NotPermitted(Refused):
    """Mã truy cập không có quyền cần thiết.

    The token lacks the permission that this needs.
    """

    status = 403


class OutsideYourUnits(Refused):
    """Việc này thuộc đơn vị ngoài phạm vi của bạn.

    This belongs to a unit outside your scope.
    """

    status = 403


class NoKeys(RuntimeError):
    """Không có khóa kiểm tra mã truy cập: đặt CHUNGCU_JWKS. · No keys to check tokens with: set CHUNGCU_JWKS."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: an opaque id, permissions, and the paths of the units whose subtrees are granted."""

    actor: str
    permissions: frozenset[str]
    units: tuple[str, ...]

    def covers(self, unit: str) -> bool:
        """Tell whether a unit, named by its path, lies in a granted subtree."""
        return any(unit == granted or unit.startswith(f"{granted}.") for granted in self.units)

    def must_cover(self, unit: str) -> None:
        """Refuse what belongs to a unit outside the granted subtrees."""
        if not self.covers(unit):
            raise OutsideYourUnits(unit=unit)

    def must_have(self, permission: str) -> None:
        """Refuse when the permission is lacking."""
        if permission not in self.permissions:
            raise NotPermitted(permission=permission)


class Gate:
    """Reads tokens: signature, issuer, audience and expiry, with the keys of one JWKS file or address."""

    def __init__(self, settings: Settings) -> None:
        """Read the keys now, so that a missing file stops the start and not the first request."""
        if not settings.jwks:
            raise NoKeys(NoKeys.__doc__)
        self._settings = settings
        self._known: dict[str, tuple[Identity, float]] = {}
        self._client = jwt.PyJWKClient(settings.jwks) if settings.jwks.startswith("https://") else None
        self._keys = None if self._client else jwt.PyJWKSet.from_json(Path(settings.jwks).read_text())

    def identify(self, token: str) -> Identity:
        """Return who a token speaks for; raise `Unauthenticated` for any fault in it.

        A token that was good a moment ago is not read again: to check a signature takes longer than to decide.
        """
        identity, until = self._known.get(token, (None, 0.0))
        if identity is not None and time.time() < until:
            return identity
        identity, expires = self._read(token)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[token] = identity, min(expires + LEEWAY, time.time() + REMEMBERED_FOR)
        return identity

    def _read(self, token: str) -> tuple[Identity, float]:
        try:
            key = self._key(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            identity = Identity(
                actor=str(claims["sub"])[:100],
                permissions=frozenset(map(str, claims.get("permissions", ()))),
                units=tuple(map(str, claims.get("units", ()))),
            )
            return identity, float(claims["exp"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            raise Unauthenticated from None

    def _key(self, token: str) -> jwt.PyJWK:
        if self._client:
            return self._client.get_signing_key_from_jwt(token)
        wanted = jwt.get_unverified_header(token).get("kid")
        if wanted == DEVELOPMENT_KEY and self._settings.env is Environment.PRODUCTION:
            raise Unauthenticated
        assert self._keys is not None
        return self._keys[wanted or ""]
