"""Programs that a benchmark starts: services, rivals and clients, each a process of its own, ended with it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ops.running import ROOT

STOPPED_WITHIN = 40.0
SAID_WITHIN = 60.0
LONGEST_LINE = 1 << 26
_TICKS = os.sysconf("SC_CLK_TCK")


class Ended(RuntimeError):
    """A program ended, or said nothing, where it should have gone on."""


class Program:
    """A running program; it speaks in lines on its standard output and listens on its standard input."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        """Keep the process."""
        self.process = process
        self.name = name

    @property
    def pid(self) -> int:
        """Return the number of its process."""
        return self.process.pid

    async def heard(self, within: float = SAID_WITHIN) -> list[str]:
        """Return the words of the next line it says."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), within)
        if not line:
            raise Ended(f"{self.name}: {await self.process.wait()}")
        return line.decode().split()

    def tell(self, line: str) -> None:
        """Say a line to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def stop(self) -> None:
        """End it as an operator does; what does not drain in time is killed."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOPPED_WITHIN)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def running(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> AsyncIterator[Program]:
    """Run `python -m module` until the block is left; what it writes goes to `log`, else comes line by line."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("CHUNGCU_")}
    kept = log.open("ab") if log else None
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        env={**around, "PYTHONUNBUFFERED": "1", **(environment or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=kept or asyncio.subprocess.PIPE,
        stderr=kept,
        limit=LONGEST_LINE,
    )
    program = Program(process, module)
    try:
        yield program
    finally:
        await program.stop()
        if kept:
            kept.close()


def cpu(pids: Iterable[int]) -> float:
    """Return the seconds of processor time that processes have had, as far as they can be looked at."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(told[11]) + int(told[12])
    return ticks / _TICKS


class Spending:
    """What processes cost, in microseconds of processor time for each event, from here to its end."""

    def __init__(self, **pids: Iterable[int]) -> None:
        """Begin to count."""
        self._pids = {name: list(those) for name, those in pids.items()}
        self._before = {name: cpu(those) for name, those in self._pids.items()}

    def each(self, count: int) -> dict[str, float]:
        """Return what each of so many events cost so far."""
        return {name: (cpu(those) - self._before[name]) / count * 1e6 for name, those in self._pids.items()}


def named(name: str) -> list[int]:
    """Return the processes of this machine with this name."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "comm").read_text().strip() == name:
                found.append(int(folder.name))
    return found


def memory(pid: int) -> float:
    """Return the proportional share of memory of a process in megabytes: what it shares is divided by the sharers."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise Ended(f"{pid}: no memory")


def now() -> float:
    """Return the moment; every process of this machine counts it alike."""
    return time.monotonic()
