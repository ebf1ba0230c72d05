"""Keys, passwords and tokens of a development installation, each a file of its own."""

import base64
import json
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from shared.auth import DEVELOPMENT_KEY, PERMISSIONS, RESTRICTED

ISSUER = "chungcu-development"
AUDIENCE = "chungcu"
EVERYWHERE = ("HN",)
"""The unit whose subtree is all there is."""
ALL = tuple(PERMISSIONS)
ORDINARY = tuple(name for name in PERMISSIONS if name not in RESTRICTED)
HOURS = 12.0
YEAR = 365 * 24.0
SERVICES = ("buildings", "boards", "notifications", "reporting")
RESTRICTED_PARTS = ("boards_restricted", "reporting_restricted")
"""Roles of the restricted parts."""


def make(folder: Path) -> list[str]:
    """Write whatever is missing and return its names; what is there is never overwritten."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[str] = []

    def keep(name: str, text: str, mode: int = 0o444) -> None:
        # Bind-mounted secrets keep the modes of the host: readable for all, in a folder only its owner may enter.
        if not (folder / name).exists():
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            (folder / name).chmod(mode)
            made.append(name)

    if not (folder / "signing_key.pem").exists():
        keep("signing_key.pem", _pem(Ed25519PrivateKey.generate()), 0o400)
    key = _signing_key(folder)
    public = {**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": DEVELOPMENT_KEY, "alg": "EdDSA"}
    keep("jwks.json", json.dumps({"keys": [public]}, indent=2) + "\n")
    keep("master_key", base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    for name, permission in (("feed_token", "events.read"), ("restricted_feed_token", "events.restricted")):
        keep(name, mint(folder, [permission], EVERYWHERE, subject="service:reporting", hours=YEAR) + "\n")
    for name in ("postgres", *SERVICES, *RESTRICTED_PARTS, "rabbitmq"):
        keep(f"{name}_password", secrets.token_urlsafe(24) + "\n")
    password = (folder / "rabbitmq_password").read_text().strip()
    keep("rabbitmq.conf", f"default_user = chungcu\ndefault_pass = {password}\n")
    return made


def mint(
    folder: Path,
    permissions: Iterable[str] = ORDINARY,
    units: Iterable[str] = EVERYWHERE,
    *,
    subject: str = "developer",
    hours: float = HOURS,
) -> str:
    """Return a token signed with the development key, which production refuses."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now,
        "exp": now + int(hours * 3600),
        "permissions": list(permissions),
        "units": list(units),
    }
    return jwt.encode(claims, _signing_key(folder), algorithm="EdDSA", headers={"kid": DEVELOPMENT_KEY})


def _signing_key(folder: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key((folder / "signing_key.pem").read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
