"""Up, down and clean: servers, secrets, migrations and the supervised services of this checkout."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ops import containers, databases, private, secrets, servers
from ops.console import Fault, say, step
from ops.private import nodes
from ops.running import (
    LOGS,
    PORTS,
    ROOT,
    RUN,
    SECRETS,
    Running,
    alone,
    processes,
    readiness,
    supervised,
)
from ops.servers import Servers
from ops.wanted import as_wanted, wanted

READY_WITHIN = 60.0
HEALTHY = 200
HOPELESS = 4
"""Starts in vain after which waiting longer is no use."""
STOPPED_WITHIN = 45.0


def up() -> Running:
    """Make the system run as the checkout and the environment now say, and return it ready."""
    with alone("up"):
        before = Running.noted()
        if before and supervised() and as_wanted(before) and _all_ready(before) and _servers_answer(before):
            say(f"Hệ thống đang chạy · Already running: {', '.join(before.urls.values())}")
            return before
        with step("Tìm máy chủ · Finding servers") as doing:
            found = servers.find(Servers.noted(before.servers) if before else None, doing.note)
            doing.note(found.told())
        with step("Khóa và mật khẩu · Keys and passwords") as doing:
            made = secrets.make(SECRETS)
            doing.note(f"{len(made)} mới · new" if made else "đã có · there")
        databases.migrate(databases.settings_for(found), SECRETS)
        return _start(before, found)


def ensure_up() -> Running:
    """Return the system that runs; start it only when none does."""
    running = Running.load()
    if running and (not running.ours or _all_ready(running)):
        return running
    return up()


def down() -> None:
    """Stop the services, then the servers that were started for this checkout; all data are kept."""
    with alone("up"):
        _stop_services()
        _stop_servers()
    if Running.load():
        say("Các dịch vụ chạy bằng Docker Compose vẫn còn · Containers still run: docker compose down")


def clean() -> None:
    """Stop everything and remove all that bears this checkout's name, on servers of others too."""
    noted = Running.noted()
    _stop_services()
    if noted:
        if noted.used and private.kept():
            # A checkout may have used one server of others and one of its own: removal asks both.
            with suppress(Fault):
                private.start(private.kept())
        for used in noted.used:
            with step(f"Xóa cơ sở dữ liệu và hàng đợi · Removing databases and queues {_place(used)}") as doing:
                try:
                    asyncio.run(databases.drop(noted.instance, used))
                except (*servers.SILENT, Fault) as error:
                    doing.note(f"bỏ qua, không trả lời · skipped, does not answer: {type(error).__name__}")
    if private.kept() or containers.kept():
        with step("Xóa máy chủ riêng · Removing private servers"):
            private.remove()
            containers.remove()
    with step("Xóa · Removing .run/"):
        shutil.rmtree(RUN, ignore_errors=True)


def restarts() -> dict[str, int]:
    """Return how often each service has been started again."""
    return {name: one["starts"] - 1 for name, one in processes().get("services", {}).items()}


def _start(before: Running | None, found: Servers) -> Running:
    if not supervised():
        _end_orphans()
    asked = wanted(before, found)
    if supervised():
        if before and replace(before, used=asked.used) == asked:
            _await_ready(asked)
            return asked
        _stop_services()
        asked = wanted(before, found)
    for name, url in asked.urls.items():
        if not url.endswith(f":{PORTS[name]}"):
            say(f"Cổng {PORTS[name]} đang bận · Port {PORTS[name]} is taken; {name}: {url}")
    asked.note()
    with step("Khởi động dịch vụ · Starting services"):
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / "supervisor.log").open("ab") as log:
            subprocess.Popen(
                [sys.executable, "-m", "ops.supervisor"],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    _await_ready(asked)
    return asked


def _all_ready(running: Running) -> bool:
    return all(_ready(running, url) for url in running.urls.values())


def _ready(running: Running, url: str) -> bool:
    """Tell whether one of ours answers; somebody else's service may have the port."""
    status, words = readiness(url)
    return status == HEALTHY and words.get("instance") == running.instance


def _servers_answer(running: Running) -> bool:
    """Tell whether both servers let us in; services stay ready for a while without their broker."""
    found = Servers.noted(running.servers)
    try:
        return found is not None and all(servers.version(kind, server.url) for kind, server in found.each())
    except (*servers.SILENT, Fault):
        return False


def _await_ready(running: Running) -> None:
    with step("Chờ sẵn sàng · Waiting until ready") as doing:
        until = time.monotonic() + READY_WITHIN
        waiting = dict(running.urls)
        while waiting:
            waiting = {name: url for name, url in waiting.items() if not _ready(running, url)}
            doing.note(", ".join(waiting) or ", ".join(running.urls.values()))
            failing = [name for name, again in restarts().items() if again >= HOPELESS and name in waiting]
            if waiting and (failing or time.monotonic() > until or not _supervisor_came(until)):
                raise _not_ready(failing or list(waiting))
            if waiting:
                time.sleep(0.1)


def _supervisor_came(until: float) -> bool:
    """Tell whether the supervisor lives, or still has time to begin."""
    return supervised() or time.monotonic() < until - READY_WITHIN + 5


def _not_ready(names: list[str]) -> Fault:
    logs = [LOGS / f"{name}.log" for name in [*names, "supervisor"]]
    last = [f"{log.stem}: {line}" for log in logs if log.exists() for line in _tail(log)]
    return Fault(
        f"Chưa sẵn sàng · Not ready: {', '.join(names)}",
        "\n".join([*last, f"chungcu logs {names[0]}", "chungcu doctor"]),
    )


def _tail(log: Path, lines: int = 4) -> list[str]:
    return [line[:300] for line in log.read_text(errors="replace").splitlines()[-lines:]]


def _stop_services() -> None:
    if not supervised():
        _end_orphans()
        return
    with step("Dừng dịch vụ · Stopping services"):
        pid = processes().get("supervisor")
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOPPED_WITHIN
        while supervised():
            if time.monotonic() > until:
                raise Fault(f"Bộ giám sát không dừng · The supervisor does not stop: pid {pid}", f"kill -9 {pid}")
            time.sleep(0.05)


def _end_orphans() -> None:
    """End services whose supervisor was killed; a process that merely has their number is left alone."""
    pids = {name: one["pid"] for name, one in processes().get("services", {}).items() if one["pid"]}
    orphans = {name: pid for name, pid in pids.items() if nodes.alive(pid) and _runs(pid, f"services.{name}")}
    for pid in orphans.values():
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOPPED_WITHIN
    while any(nodes.alive(pid) for pid in orphans.values()) and time.monotonic() < until:
        time.sleep(0.05)
    for name, pid in orphans.items():
        say(f"Đã dừng dịch vụ mồ côi · Ended an orphaned service: {name} ({pid})")


def _runs(pid: int, module: str) -> bool:
    """Tell whether a process is `python -m module`."""
    try:
        told = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        shown = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
        told = shown.stdout.split()
    return module in told


def _stop_servers() -> None:
    if private.kept() or containers.kept():
        with step("Dừng máy chủ riêng · Stopping private servers") as doing:
            doing.note(", ".join([*private.stop(), *containers.stop()]) or "đã dừng · already stopped")


def _place(used: dict[str, str]) -> str:
    return ", ".join(urlsplit(url).netloc.rpartition("@")[2] for url in used.values())
