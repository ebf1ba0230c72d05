"""Keeps the services running: starts them, starts again what dies, and lets all drain when told to stop."""

import asyncio
import fcntl
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops.running import LOGS, PIDS, ROOT, SUPERVISED, Running, write

PAUSES = (0.5, 30.0)
"""Seconds before a service that died is started again: at first, and at most."""
STEADY = 60.0
"""Seconds of life after which the pause begins small again."""
DRAINED_WITHIN = 35.0
LARGEST_LOG = 20_000_000


@dataclass
class Kept:
    """One service and its life so far."""

    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    last_end: int | None = None
    alive: bool = False

    @property
    def pid(self) -> int | None:
        """Return its process, while it lives."""
        return self.process.pid if self.process and self.alive else None

    def tell(self, sign: signal.Signals) -> None:
        """Send a signal, if there is anyone to hear it."""
        if self.process and self.alive:
            with suppress(ProcessLookupError):
                self.process.send_signal(sign)


class Supervisor:
    """All services of this checkout."""

    def __init__(self, environments: dict[str, dict[str, str]]) -> None:
        """Know them by name; nothing is started yet."""
        around = {name: value for name, value in os.environ.items() if not name.startswith("CHUNGCU_")}
        self._kept = {name: Kept({**around, "PYTHONUNBUFFERED": "1", **told}) for name, told in environments.items()}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Keep all of them until told to stop, then let them drain."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self._stopping.set)
        keeping = [asyncio.create_task(self._keep(name, one)) for name, one in self._kept.items()]
        await self._stopping.wait()
        _say("stopping")
        for one in self._kept.values():
            one.tell(signal.SIGTERM)
        _, late = await asyncio.wait(keeping, timeout=DRAINED_WITHIN)
        for one in self._kept.values():
            if late and one.alive:
                _say(f"killing {one.pid}: did not drain within {DRAINED_WITHIN:.0f} s")
                one.tell(signal.SIGKILL)
        await asyncio.gather(*keeping)
        PIDS.unlink(missing_ok=True)
        _say("stopped")

    async def _keep(self, name: str, one: Kept) -> None:
        pause = PAUSES[0]
        while not self._stopping.is_set():
            began = time.monotonic()
            with _log(name).open("ab") as log:
                one.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    f"services.{name}",
                    cwd=ROOT,
                    env=one.environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            one.starts, one.alive = one.starts + 1, True
            self._note()
            if self._stopping.is_set():
                one.tell(signal.SIGTERM)
            one.last_end = await one.process.wait()
            one.alive = False
            self._note()
            if self._stopping.is_set():
                return
            pause = PAUSES[0] if time.monotonic() - began > STEADY else pause
            _say(f"{name} ended with {one.last_end}, starting again in {pause:.1f} s")
            try:
                await asyncio.wait_for(self._stopping.wait(), pause)
            except TimeoutError:
                pause = min(pause * 2, PAUSES[1])

    def _note(self) -> None:
        services = {
            name: {"pid": one.pid, "starts": one.starts, "last_end": one.last_end} for name, one in self._kept.items()
        }
        write(PIDS, {"supervisor": os.getpid(), "services": services})


def _log(name: str) -> Path:
    """Return the file a service writes to; a large one is put aside first."""
    LOGS.mkdir(parents=True, exist_ok=True)
    file = LOGS / f"{name}.log"
    if file.exists() and file.stat().st_size > LARGEST_LOG:
        file.replace(file.with_suffix(".log.1"))
    return file


def _say(words: str) -> None:
    print(f"{datetime.now(UTC).isoformat(timespec='seconds')} {words}", flush=True)  # noqa: T201 (its log)


def main() -> int:
    """Keep what the note says, unless somebody already does."""
    running = Running.noted()
    if running is None:
        return 1
    with SUPERVISED.open("w") as lock:
        for _ in range(20):
            try:
                # Whoever asks whether we live holds the lock for a blink.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.1)
        else:
            _say("another supervisor keeps these services")
            return 1
        asyncio.run(Supervisor(running.environments).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
