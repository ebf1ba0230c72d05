"""A private RabbitMQ: guest/guest, every port on the loopback, an Erlang name server of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from ops.console import Fault
from ops.private import nodes

HOME = nodes.HOME / "rabbitmq"
DATA = HOME / "mnesia"
DEBIAN = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's wrapper in /usr/sbin insists on the user rabbitmq; this one runs as anybody."""
PORTS = 4
"""Clients, Erlang's name server, distribution, management: neighbours."""
STARTS_WITHIN = 60.0
STOPS_WITHIN = 30.0


def program() -> Path | None:
    """Return the program that starts a node."""
    if DEBIAN.exists():
        return DEBIAN
    found = shutil.which("rabbitmq-server")
    return Path(found) if found else None


def launch() -> None:
    """Begin to start it, unless it runs."""
    if runs():
        return
    starter = program()
    assert starter is not None, "asked for after it was found installed"
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    _end_name_server()  # of a node that was killed: it would keep the ports of before from being free
    port = nodes.port_for("rabbitmq", PORTS)
    nodes.remember("rabbitmq", port, HOME)
    (HOME / "enabled_plugins").write_text("[rabbitmq_management].\n")
    (HOME / "rabbitmq.conf").write_text(
        f"listeners.tcp.local = 127.0.0.1:{port}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port + 3}\n"
    )
    (HOME / "pid").unlink(missing_ok=True)
    with (HOME / "output.log").open("wb") as output:
        node = subprocess.Popen(
            [str(starter)],
            cwd=HOME,
            env=_environment(port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    (HOME / "launched").write_text(str(node.pid))


def wait() -> dict[str, str]:
    """Wait until it greets, and return its address and that of its page."""
    port = int(nodes.noted()["rabbitmq"]["port"])
    until = time.monotonic() + STARTS_WITHIN
    while not _greets(port):
        if time.monotonic() > until or not runs():
            said = (HOME / "output.log").read_text(errors="replace")[-800:]
            raise Fault(f"RabbitMQ không khởi động · did not start: {said.strip()}")
        time.sleep(0.1)
    return {"url": f"amqp://guest:guest@127.0.0.1:{port}/", "ui": f"http://127.0.0.1:{port + 3}"}


def stop() -> bool:
    """Stop it; return whether it had been running."""
    if "rabbitmq" not in nodes.noted():
        return False
    pid = _pid()
    if pid:
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOPS_WITHIN
        while nodes.alive(pid):
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    _end_name_server()
    return pid is not None


def runs() -> bool:
    """Tell whether it runs, or is just starting."""
    return _pid() is not None


def _end_name_server() -> None:
    """End Erlang's name server, which outlives its node."""
    noted, epmd = nodes.noted().get("rabbitmq"), shutil.which("epmd")
    if noted and epmd:
        named = {**os.environ, "ERL_EPMD_PORT": str(int(noted["port"]) + 1), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        subprocess.run([epmd, "-kill"], env=named, capture_output=True, check=False)


def _environment(port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(HOME),
        "RABBITMQ_NODENAME": "chungcu@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "ERL_EPMD_PORT": str(port + 1),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(port + 2),
        "RABBITMQ_MNESIA_BASE": str(DATA),
        "RABBITMQ_LOG_BASE": str(HOME / "log"),
        "RABBITMQ_PID_FILE": str(HOME / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(HOME / "enabled_plugins"),
        "RABBITMQ_CONFIG_FILE": str(HOME / "rabbitmq.conf"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(HOME / "generated"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


def _greets(port: int) -> bool:
    """Tell whether an AMQP server answers: it corrects whoever greets it with a wrong version."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"AMQP\x00\x00\x00\x00")
        return connection.recv(4) == b"AMQP"
    return False


def _pid() -> int | None:
    """Return the process of our node, never one that merely has its number."""
    for note in ("pid", "launched"):
        with suppress(OSError, ValueError):
            pid = int((HOME / note).read_text())
            if nodes.alive(pid) and _is_ours(pid):
                return pid
    return None


def _is_ours(pid: int) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # a system without /proc cannot tell
    return f"RABBITMQ_MNESIA_BASE={DATA}".encode() in variables
