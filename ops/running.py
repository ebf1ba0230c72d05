"""What runs from this checkout, and where it keeps what it needs: `.run/` and the note in it."""

import fcntl
import hashlib
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ops import secrets

ROOT = Path(__file__).resolve().parent.parent
RUN = Path(os.environ.get("CHUNGCU_RUN") or ROOT / ".run")
"""Where everything that runs from here is kept; another folder, another installation."""
SECRETS = RUN / "secrets"
LOGS = RUN / "log"
STATE = RUN / "state.json"
PIDS = RUN / "pids.json"
SUPERVISED = RUN / "supervisor.lock"
"""Locked for as long as the supervisor lives."""
COMPOSE_SECRETS = ROOT / "secrets"
PORTS = {"buildings": 8001, "boards": 8002, "notifications": 8003, "reporting": 8004}


def instance() -> str:
    """Return the name that keeps two checkouts apart on one server: CHUNGCU_INSTANCE, or one made from the folder."""
    given = os.environ.get("CHUNGCU_INSTANCE")
    if given is not None:
        return given
    folder = re.sub(r"[^a-z0-9]+", "_", ROOT.name.lower()).strip("_")
    named = folder if folder[:1].isalpha() else f"c_{folder}"
    return f"{named[:25].strip('_')}_{hashlib.sha256(str(RUN).encode()).hexdigest()[:4]}"


@dataclass(frozen=True)
class Running:
    """A system that runs, here or in containers: where it answers and with which keys."""

    urls: dict[str, str]
    secrets: Path
    instance: str = ""
    postgres_url: str = ""
    rabbitmq_url: str = ""
    servers: dict[str, Any] = field(default_factory=dict)
    """How PostgreSQL and RabbitMQ were found; empty when containers were started by somebody else."""
    fingerprint: str = ""
    passed: dict[str, str] = field(default_factory=dict)
    """Variables of ours that were in the environment when it was started."""
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    used: list[dict[str, str]] = field(default_factory=list)
    """Servers of others that hold something of this instance."""

    @classmethod
    def load(cls) -> "Running | None":
        """Return what runs: this checkout's own services, else containers on the default ports, else nothing."""
        if supervised():
            return cls.noted()
        if not COMPOSE_SECRETS.is_dir():
            return None
        urls = {name: f"http://127.0.0.1:{port}" for name, port in PORTS.items()}
        answering = any(readiness(url)[0] for url in urls.values())
        return cls(urls=urls, secrets=COMPOSE_SECRETS) if answering else None

    @classmethod
    def noted(cls) -> "Running | None":
        """Return what was last started here, whether or not it still runs."""
        try:
            noted = json.loads(STATE.read_text())
        except (OSError, ValueError):
            return None
        return cls(**{**noted, "secrets": Path(noted["secrets"])})

    def note(self) -> None:
        """Write down what is started here."""
        write(STATE, {**asdict(self), "secrets": str(self.secrets)})

    @property
    def ours(self) -> bool:
        """Tell whether this checkout started it (and not `docker compose`)."""
        return bool(self.servers)

    @property
    def pids(self) -> dict[str, int]:
        """Return the process ids of the services, as the supervisor last noted them."""
        return {name: one["pid"] for name, one in processes().get("services", {}).items() if one["pid"]}


def token(running: Running, *, restricted: bool = False) -> str:
    """Return the token to ask with: CHUNGCU_TOKEN, else a fresh one of development."""
    permissions = secrets.ALL if restricted else secrets.ORDINARY
    return os.environ.get("CHUNGCU_TOKEN") or secrets.mint(running.secrets, permissions)


def supervised() -> bool:
    """Tell whether a supervisor of this checkout lives."""
    try:
        with SUPERVISED.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def processes() -> dict[str, Any]:
    """Return what the supervisor noted about the processes it keeps."""
    try:
        noted: dict[str, Any] = json.loads(PIDS.read_text())
    except (OSError, ValueError):
        return {}
    return noted


def readiness(url: str, seconds: float = 2.0) -> tuple[int, dict[str, Any]]:
    """Return the status and the words of a service's readiness; status 0 when nothing answers."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=seconds) as answer:  # noqa: S310 (our own address)
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        try:
            return error.code, json.loads(error.read() or b"{}")
        except (OSError, ValueError):
            return error.code, {}
    except (OSError, ValueError):
        return 0, {}


def write(file: Path, content: dict[str, Any]) -> None:
    """Replace a note in one move; it may name a server with its password, so only its owner reads it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    draft.replace(file)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Keep a second command of this checkout from doing the same at the same time."""
    RUN.mkdir(parents=True, exist_ok=True)
    with (RUN / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
