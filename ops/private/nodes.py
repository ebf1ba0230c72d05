"""What private nodes have in common: the note of where they are, ports, and processes that outlive their command."""

import json
import os
import random
import socket
from contextlib import suppress
from pathlib import Path

from ops.console import Fault
from ops.running import RUN, write

HOME = RUN / "private"
NOTE = HOME / "nodes.json"
"""Ports and folders of the nodes, so that they come back where they were."""
PORTS = range(20_000, 32_000)
"""Below the range from which systems take the ports of outgoing connections."""


def noted() -> dict[str, dict[str, str]]:
    """Return the port and the folder of each node there has been."""
    try:
        nodes: dict[str, dict[str, str]] = json.loads(NOTE.read_text())
    except (OSError, ValueError):
        return {}
    return nodes


def remember(kind: str, port: int, home: Path) -> None:
    """Note where a node is."""
    write(NOTE, {**noted(), kind: {"port": str(port), "home": str(home)}})


def port_for(kind: str, width: int) -> int:
    """Return the port of before when it is still free: what was told an address finds it again."""
    before = int(noted().get(kind, {}).get("port", 0))
    if before and all(port_is_free(before + offset) for offset in range(width)):
        return before
    return free_port(width)


def free_port(width: int = 1) -> int:
    """Return the first of some neighbouring free ports."""
    for _ in range(200):
        port = random.choice(PORTS)  # noqa: S311 (not a secret)
        if all(port_is_free(port + offset) for offset in range(width)):
            return port
    raise Fault("Không còn cổng trống · No free port left")


def port_is_free(port: int) -> bool:
    """Tell whether one could listen on a port of this machine."""
    with socket.socket() as probe:
        # As servers do: without it, connections that just ended would count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def alive(pid: int) -> bool:
    """Tell whether a process lives; a child of ours that ended is buried on the way."""
    with suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
