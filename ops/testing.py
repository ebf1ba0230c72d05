"""Runs tests, benchmarks and faults: finds or starts the servers they need, and stops those it started."""

import os
import subprocess
import sys
from collections.abc import Sequence

from ops import containers, private, servers
from ops.console import step
from ops.running import ROOT, Running, supervised
from ops.servers import Servers

EVERYTHING = ("-q", f"--numprocesses={max(2, os.cpu_count() or 1)}", "--dist=loadscope", "--no-loadscope-reorder")
"""How all tests are run: they wait for servers more than they compute, so side by side."""


def chaos(arguments: Sequence[str]) -> int:
    """Run the fault suite with these arguments and return how it ended; it brings servers of its own."""
    return subprocess.run([sys.executable, "-m", "tests.chaos", *arguments], cwd=ROOT, check=False).returncode


def test(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments, or all tests, and return how it ended."""
    return _with_servers("pytest", *(arguments or EVERYTHING))


def bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks, or those the arguments name, and return how it ended."""
    return _with_servers("benchmarks", *arguments)


def _with_servers(module: str, *arguments: str) -> int:
    before = Running.noted()
    ran = private.running()
    boxed = containers.running()
    with step("Tìm máy chủ · Finding servers") as doing:
        found = servers.find(Servers.noted(before.servers) if before else None, doing.note)
        doing.note(found.told())
    environment = {
        **os.environ,
        "CHUNGCU_TEST_POSTGRES_URL": found.postgres.url,
        "CHUNGCU_TEST_RABBITMQ_URL": found.rabbitmq.url,
    }
    try:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, check=False
        ).returncode
    finally:
        if not supervised():
            ours = [kind for kind in private.running() if kind not in ran]
            boxes = [kind for kind in containers.running() if kind not in boxed]
            if ours or boxes:
                with step("Dừng máy chủ riêng · Stopping private servers"):
                    private.stop(ours)
                    containers.stop(boxes)
