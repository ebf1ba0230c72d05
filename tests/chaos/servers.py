"""The private servers of an installation, hurt on purpose: stopped, killed, robbed of their disk, put under alarm."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

from tests.e2e.system import ROOT, System

_ENVIRONMENT = "from ops.private import nodes, postgres, rabbitmq; import ops.private as private"


class Servers:
    """PostgreSQL and RabbitMQ that belong to one installation alone."""

    def __init__(self, system: System) -> None:
        """Know whose they are."""
        assert system.environment["CHUNGCU_SERVERS"] == "private", "nobody else's server is ever hurt"
        self._system = system

    def start(self, *kinds: str) -> None:
        """Start what does not run; harmless when it does."""
        self._run(f"private.start({list(kinds or ('postgres', 'rabbitmq'))!r})")

    def stop(self, kind: str) -> None:
        """Stop one as its operator would."""
        self._run(f"private.stop(['{kind}'])")

    def kill_broker(self) -> None:
        """End the broker without warning."""
        pid = int((self._system.home / "private" / "rabbitmq" / "pid").read_text())
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def lose_the_brokers_disk(self) -> None:
        """Take away all that the broker ever wrote; it must not run."""
        shutil.rmtree(self._system.home / "private" / "rabbitmq" / "mnesia")

    def crash_postgres(self) -> None:
        """End PostgreSQL at once, as a loss of power does: nothing is written that was not."""
        self._run("postgres._must('pg_ctl', '-D', str(postgres.home() / 'data'), '-m', 'immediate', '-w', 'stop')")

    def fill_the_brokers_disk(self, *, full: bool) -> None:
        """Let the broker believe that its disk is full, or not any more: its own alarm blocks who publishes."""
        limit = "900GB" if full else "50MB"
        self._run(
            "import subprocess, shutil, pathlib; debian = pathlib.Path('/usr/lib/rabbitmq/bin/rabbitmqctl');"
            "program = str(debian) if debian.exists() else shutil.which('rabbitmqctl');"
            "environment = rabbitmq._environment(int(nodes.noted()['rabbitmq']['port']));"
            f"subprocess.run([program, 'set_disk_free_limit', '{limit}'], env=environment, check=True,"
            " stdout=subprocess.DEVNULL)"
        )

    def _run(self, program: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", f"{_ENVIRONMENT}; {program}"],
            cwd=ROOT,
            env=self._system.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr[-800:]
