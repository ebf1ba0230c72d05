"""PostgreSQL and RabbitMQ of one's own: nodes of this checkout alone, on free ports, their data in `.run/`."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ops import debian
from ops.private import nodes, postgres, rabbitmq
from ops.running import alone

PACKAGES = {"postgres": "postgresql", "rabbitmq": "rabbitmq-server"}
POLICY = Path("/usr/sbin/policy-rc.d")


def installed(kind: str) -> bool:
    """Tell whether the programs of a server are on this machine."""
    return (postgres.programs() if kind == "postgres" else rabbitmq.program()) is not None


def install(kinds: Sequence[str]) -> None:
    """Install servers as Debian packages, or say what to install."""
    with _no_system_service():
        debian.install([PACKAGES[kind] for kind in kinds], "CHUNGCU_POSTGRES_URL=… CHUNGCU_RABBITMQ_URL=…, Docker")


def start(kinds: Sequence[str]) -> dict[str, dict[str, str]]:
    """Start the nodes that do not run yet; return the address of each, and of the page to look at it."""
    with alone("private"):
        # The broker takes longest to come up: begin with it, look at it last.
        if "rabbitmq" in kinds:
            rabbitmq.launch()
        return {kind: postgres.start() if kind == "postgres" else rabbitmq.wait() for kind in sorted(kinds)}


def stop(kinds: Sequence[str] = tuple(PACKAGES)) -> list[str]:
    """Stop nodes and keep their data; return which of them had been running."""
    with alone("private"):
        ended = {"postgres": postgres.stop, "rabbitmq": rabbitmq.stop}
        return [kind for kind in kinds if ended[kind]()]


def running() -> list[str]:
    """Return which nodes run."""
    return [kind for kind, runs in (("postgres", postgres.runs()), ("rabbitmq", rabbitmq.runs())) if runs]


def remove() -> None:
    """Stop the nodes and remove their data."""
    stop()
    for folder in (postgres.home(), nodes.HOME):
        shutil.rmtree(folder, ignore_errors=True)


def kept() -> list[str]:
    """Return which nodes have data here."""
    return sorted(nodes.noted())


@contextmanager
def _no_system_service() -> Iterator[None]:
    """Keep packages from starting servers that listen to the whole network (Debian's policy-rc.d)."""
    if POLICY.exists() or os.geteuid() != 0:
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
