"""Who lives beside the supervised services: more processes of them, and a letter box at the other end of the post."""

import asyncio
import os
import signal
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any

from ops.private.nodes import free_port
from tests.e2e.system import ROOT


class LetterBox:
    """A real SMTP server that keeps the ids of what arrives."""

    def __init__(self) -> None:
        """Nothing has arrived."""
        self.ids: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take a letter."""
        message = message_from_bytes(envelope.content)
        self.ids.append(message["Message-ID"].strip().strip("<>").partition("@")[0])
        return "250 OK"


class Replica:
    """Another process of a service, beside the supervised one."""

    def __init__(self, service: str, environment: dict[str, str], log: Path, tree: Path = ROOT) -> None:
        """Start it, from this tree or another one."""
        self.service = service
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        around = {name: value for name, value in os.environ.items() if not name.startswith("CHUNGCU_")}
        told = {**around, "PYTHONUNBUFFERED": "1", **environment, "CHUNGCU_PORT": str(port)}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                cwd=tree,
                env={**told, "PYTHONPATH": str(tree)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    async def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, and return how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(sign)
        try:
            return await asyncio.to_thread(self.process.wait, 40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return await asyncio.to_thread(self.process.wait, 10)
