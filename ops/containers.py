"""PostgreSQL and RabbitMQ as containers of this checkout alone, on free ports of this machine."""

import json
import shutil
import subprocess
from collections.abc import Sequence

from ops.console import Fault
from ops.private.nodes import free_port
from ops.running import instance

IMAGES = {"postgres": "postgres:17", "rabbitmq": "rabbitmq:4-management"}
PORTS = {"postgres": ("5432/tcp",), "rabbitmq": ("5672/tcp", "15672/tcp")}
PULLED_WITHIN = 300.0


def engine_answers() -> bool:
    """Tell whether a Docker engine can be asked."""
    return shutil.which("docker") is not None and _docker("info", "--format", "{{.ID}}", seconds=10) is not None


def start(kinds: Sequence[str]) -> dict[str, dict[str, str]]:
    """Start the containers that do not run yet; return the address of each, and of the page to look at it."""
    return {kind: _start(kind) for kind in kinds}


def stop(kinds: Sequence[str] = tuple(IMAGES)) -> list[str]:
    """Stop containers and keep their data; return which of them had been running."""
    ended = [kind for kind in running() if kind in kinds]
    for kind in ended:
        _docker("stop", "--time", "30", _name(kind), seconds=60)
    return ended


def running() -> list[str]:
    """Return which containers of this checkout run."""
    return [kind for kind in kept() if _state(kind).get("Running")]


def remove() -> None:
    """Remove the containers and their data."""
    for kind in kept():
        _docker("rm", "--force", "--volumes", _name(kind), seconds=60)


def kept() -> list[str]:
    """Return which containers of this checkout there are, running or not."""
    if shutil.which("docker") is None:
        return []
    names = _docker("ps", "--all", "--format", "{{.Names}}", seconds=10) or ""
    return [kind for kind in IMAGES if _name(kind) in names.split()]


def _start(kind: str) -> dict[str, str]:
    if kind in kept():
        if kind not in running():
            _must("start", _name(kind))
    else:
        published = [f"--publish=127.0.0.1:{free_port()}:{port.partition('/')[0]}" for port in PORTS[kind]]
        options = ["--env=POSTGRES_HOST_AUTH_METHOD=trust"] if kind == "postgres" else [f"--hostname={_name(kind)}"]
        arguments = ["-c", "max_connections=300"] if kind == "postgres" else []
        _must("run", "--detach", f"--name={_name(kind)}", *published, *options, IMAGES[kind], *arguments)
    ports = json.loads(_must("inspect", "--format", "{{json .NetworkSettings.Ports}}", _name(kind)))
    first, *others = [ports[port][0]["HostPort"] for port in PORTS[kind]]
    if kind == "postgres":
        return {"url": f"postgresql://postgres@127.0.0.1:{first}/postgres"}
    return {"url": f"amqp://guest:guest@127.0.0.1:{first}/", "ui": f"http://127.0.0.1:{others[0]}"}


def _name(kind: str) -> str:
    return f"chungcu-{instance() or 'default'}-{kind}"


def _state(kind: str) -> dict[str, object]:
    told = _docker("inspect", "--format", "{{json .State}}", _name(kind), seconds=10)
    state: dict[str, object] = json.loads(told) if told else {}
    return state


def _docker(*arguments: str, seconds: float) -> str | None:
    """Return what docker said, or nothing when it failed."""
    try:
        done = subprocess.run(
            ["docker", *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _must(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["docker", *arguments], capture_output=True, text=True, timeout=PULLED_WITHIN, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Fault(
            f"docker {arguments[0]}: quá {error.timeout:.0f} s · took longer than {error.timeout:.0f} s"
        ) from error
    if done.returncode:
        raise Fault(f"docker {arguments[0]}: {done.stderr.strip()[-400:]}")
    return done.stdout
