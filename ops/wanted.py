"""What should run, said by the checkout and its environment: addresses, keys, and each service's settings."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ops import secrets, servers
from ops.private import nodes
from ops.running import PORTS, ROOT, RUN, SECRETS, Running, instance, supervised
from ops.servers import Servers
from shared.settings import restricted_role

OURS = frozenset("CHUNGCU_TOKEN CHUNGCU_OPERATOR CHUNGCU_SERVERS CHUNGCU_INSTANCE CHUNGCU_RUN".split()) | frozenset(
    servers.VARIABLES.values()
)
"""Variables that speak to this command, not to the services."""
CODE = (".py", ".sql", ".yaml", ".csv", ".html", ".txt", ".j2", ".lock")
"""What a running service was made of: when it changes, the services are started anew."""


def as_wanted(before: Running) -> bool:
    """Tell whether what was started is still what the checkout and its environment ask for."""
    found = Servers.noted(before.servers)
    return (
        found is not None
        and servers.agree(found)
        and before.instance == instance()
        and before.passed == _passed()
        and before.fingerprint == _fingerprint()
    )


def wanted(before: Running | None, found: Servers) -> Running:
    """Describe what should run: where, with which keys, from which code."""
    keeps = before if before and supervised() else None
    urls = keeps.urls if keeps else {name: f"http://127.0.0.1:{_port(port)}" for name, port in PORTS.items()}
    addresses = {kind: server.url for kind, server in found.each()}
    used = list(before.used) if before else []
    if any(server.shared for _, server in found.each()) and addresses not in used:
        used.append(addresses)
    passed = _passed()
    return Running(
        urls=urls,
        secrets=SECRETS,
        instance=instance(),
        postgres_url=found.postgres.url,
        rabbitmq_url=found.rabbitmq.url,
        servers=found.to_note(),
        fingerprint=_fingerprint(),
        passed=passed,
        environments={name: _environment(name, urls, found, passed) for name in urls},
        used=used,
    )


def _environment(name: str, urls: dict[str, str], found: Servers, passed: dict[str, str]) -> dict[str, str]:
    """Return what one service is told."""
    at = urlsplit(found.postgres.url)
    # The administrator's name and password are not for the services.
    postgres = urlunsplit(at._replace(netloc=at.netloc.rpartition("@")[2]))
    return {
        **passed,
        "CHUNGCU_ENV": "development",
        "CHUNGCU_INSTANCE": instance(),
        "CHUNGCU_POSTGRES_URL": postgres,
        "CHUNGCU_PASSWORD_FILE": str(SECRETS / f"{name}_password"),
        "CHUNGCU_RESTRICTED_PASSWORD_FILE": str(SECRETS / f"{restricted_role(name)}_password"),
        "CHUNGCU_RABBITMQ_URL": found.rabbitmq.url,
        "CHUNGCU_JWKS": str(SECRETS / "jwks.json"),
        "CHUNGCU_ISSUER": secrets.ISSUER,
        "CHUNGCU_AUDIENCE": secrets.AUDIENCE,
        "CHUNGCU_MASTER_KEY_FILE": str(SECRETS / "master_key"),
        "CHUNGCU_FEEDS": passed.get("CHUNGCU_FEEDS", json.dumps(urls)),
        "CHUNGCU_TOKEN_FILE": str(SECRETS / "feed_token"),
        # Of the services reporting alone hears restricted facts.
        **({"CHUNGCU_RESTRICTED_TOKEN_FILE": str(SECRETS / "restricted_feed_token")} if name == "reporting" else {}),
        "CHUNGCU_HOST": "127.0.0.1",
        "CHUNGCU_PORT": str(urlsplit(urls[name]).port),
    }


def _passed() -> dict[str, str]:
    """Return the variables somebody set for the services (CHUNGCU_GAP_AFTER, CHUNGCU_SMTP_URL, …)."""
    return {
        name: value for name, value in sorted(os.environ.items()) if name.startswith("CHUNGCU_") and name not in OURS
    }


def _fingerprint() -> str:
    """Return the fingerprint of the code and data the services run from."""
    digest = hashlib.sha256()
    for file in sorted(_code()):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _code() -> Iterable[Path]:
    yield ROOT / "requirements.lock"
    for root in ("shared", "services"):
        yield from (file for file in (ROOT / root).rglob("*") if file.suffix in CODE and file.is_file())


def _port(usual: int) -> int:
    """Return the usual port where it is to be had: a second installation of a checkout leaves it to the first."""
    return usual if RUN == ROOT / ".run" and nodes.port_is_free(usual) else nodes.free_port()
