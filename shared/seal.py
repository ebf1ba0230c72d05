"""Sealing people's data: a key for each person, wrapped by the master key; erasing it erases the person."""

import base64
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class NoMasterKey(RuntimeError):
    """Không có khóa chính: đặt CHUNGCU_MASTER_KEY_FILE. · There is no master key: set CHUNGCU_MASTER_KEY_FILE."""


class Broken(ValueError):
    """What was sealed does not open: another key, another owner, or it was tampered with."""


class Seal:
    """AES-256-GCM (NIST SP 800-38D); the owner's name is authenticated with every sealed thing."""

    def __init__(self, file: Path | None) -> None:
        """Read the master key: 32 bytes in base64."""
        if file is None or not file.exists():
            raise NoMasterKey(NoMasterKey.__doc__)
        self._master = AESGCM(base64.b64decode(file.read_text()))

    def new_key(self, owner: str) -> bytes:
        """Return a new key, wrapped, for one owner."""
        return _seal(self._master, AESGCM.generate_key(256), f"key:{owner}")

    def close(self, wrapped: bytes, owner: str, plain: bytes) -> bytes:
        """Seal something with the owner's key."""
        return _seal(self._unwrap(wrapped, owner), plain, owner)

    def open(self, wrapped: bytes, owner: str, sealed: bytes) -> bytes:
        """Open what was sealed with the owner's key."""
        return _open(self._unwrap(wrapped, owner), sealed, owner)

    def pseudonym(self, wrapped: bytes, owner: str, text: str) -> str:
        """Return a name that only the owner's key makes of a text (HMAC-SHA-256); without the key it means nothing."""
        key = _open(self._master, wrapped, f"key:{owner}")
        return hmac.digest(hmac.digest(key, b"pseudonym", "sha256"), text.encode(), "sha256").hex()[:32]

    def _unwrap(self, wrapped: bytes, owner: str) -> AESGCM:
        return AESGCM(_open(self._master, wrapped, f"key:{owner}"))


def _seal(key: AESGCM, plain: bytes, owner: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + key.encrypt(nonce, plain, owner.encode())


def _open(key: AESGCM, sealed: bytes, owner: str) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE], sealed[NONCE:], owner.encode())
    except InvalidTag:
        raise Broken(owner) from None
