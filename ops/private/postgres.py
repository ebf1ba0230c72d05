"""A private PostgreSQL: trust on 127.0.0.1, TCP only, fsync on; as root it runs as a user without rights."""

import os
import shutil
import subprocess
from pathlib import Path

from ops.console import Fault
from ops.private import nodes
from ops.running import instance

ELSEWHERE = Path("/var/tmp")  # noqa: S108 (the folder in it is named after the instance, for its owner alone)
NOBODY = 65534
"""PostgreSQL refuses root; this user is on every Debian."""
SECONDS = "60"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = 128MB
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
"""


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs: Debian's newest, else those on the path."""
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parent.parent.name), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def home() -> Path:
    """Return its folder: in `.run/`, unless the user it must run as cannot get there."""
    noted = nodes.noted().get("postgres", {}).get("home")
    if noted:
        return Path(noted)
    usual = nodes.HOME / "postgres"
    if os.geteuid() != 0:
        return usual
    nodes.HOME.mkdir(parents=True, exist_ok=True)
    reachable = subprocess.run([*_user(), "test", "-x", str(nodes.HOME)], capture_output=True, check=False)
    return usual if reachable.returncode == 0 else ELSEWHERE / f"chungcu-{instance() or 'default'}-postgres"


def start() -> dict[str, str]:
    """Start it, made first if need be, and return its address."""
    folder = home()
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _make(folder)
    if not runs():
        port = nodes.port_for("postgres", 1)
        nodes.remember("postgres", port, folder)
        log = str(folder / "postgres.log")
        _must("pg_ctl", "-D", str(data), "-l", log, "-w", "-t", SECONDS, "-o", f"-p {port}", "start")
    return {"url": f"postgresql://postgres@127.0.0.1:{nodes.noted()['postgres']['port']}/postgres"}


def stop() -> bool:
    """Stop it; return whether it had been running."""
    if not runs():
        return False
    _must("pg_ctl", "-D", str(home() / "data"), "-m", "fast", "-w", "-t", SECONDS, "stop")
    return True


def runs() -> bool:
    """Tell whether it runs."""
    if "postgres" not in nodes.noted() or programs() is None:
        return False
    return _run("pg_ctl", "-D", str(home() / "data"), "status").returncode == 0


def _make(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    data = folder / "data"
    _must("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)


def _must(*arguments: str) -> None:
    done = _run(*arguments)
    if done.returncode:
        log = home() / "postgres.log"
        said = [done.stderr.strip() or done.stdout.strip(), log.read_text()[-800:] if log.exists() else ""]
        raise Fault(f"PostgreSQL {arguments[0]}: {chr(10).join(filter(None, said))}")


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    folder = programs()
    assert folder is not None, "asked for after it was found installed"
    return subprocess.run(
        [*_user(), str(folder / program), *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def _user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
