"""`python -m tests.chaos`: the fault suite, row by row at the terminal; a full run writes docs/reliability.md."""

import argparse
import asyncio
import random
import signal
import sys
import time
from pathlib import Path

from ops.console import out
from tests.chaos import results, suite
from tests.chaos.results import Outcome
from tests.chaos.rows import Row

MINUTES = 38.0


def main() -> int:
    """Play what was asked for, and end with 1 when a promise did not hold."""
    parser = argparse.ArgumentParser(prog="chungcu chaos", description=__doc__)
    parser.add_argument("--only", action="append", metavar="ROW", help="một hàng, nhiều lần được · a row, repeatable")
    parser.add_argument("--seed", type=int, help="để lặp lại · to repeat a run")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="nhiều nhất · at most")
    parser.add_argument("--json", type=Path, help="ghi kết quả vào tệp · write the figures to a file")
    parser.add_argument("--list", action="store_true", help="liệt kê các hàng · list the rows")
    asked = parser.parse_args()
    if asked.list:
        for row in suite.ROWS.values():
            _print(f"{row.name:<20} {row.said}")
        return 0
    unknown = [name for name in asked.only or () if name not in suite.ROWS]
    if unknown:
        parser.error(f"{', '.join(unknown)}: {', '.join(suite.ROWS)}")
    seed = asked.seed if asked.seed is not None else random.randrange(1_000_000)
    rows = [suite.ROWS[name] for name in asked.only or suite.ROWS]
    _print(f"· seed {seed}, {len(rows)} hàng · rows\n{results.heading()}")
    began = time.monotonic()
    outcomes, versions = asyncio.run(_played(rows, seed, asked.minutes * 60))
    seconds = time.monotonic() - began
    if asked.json:
        results.save(asked.json, outcomes, seed, seconds)
    if not asked.only:
        results.write(outcomes, seed, seconds, {**versions, "Python": sys.version.partition(" ")[0]})
    red = [one for one in outcomes if not one.green]
    _print(f"{len(outcomes) - len(red)}/{len(outcomes)} giữ lời · held, {seconds:.0f} s, seed {seed}")
    return 1 if red else 0


async def _played(rows: list[Row], seed: int, limit: float) -> tuple[list[Outcome], dict[str, str]]:
    """Play; whoever tells us to stop is obeyed once everything is removed."""
    playing = asyncio.current_task()
    assert playing is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    return await suite.play(rows, seed, _say, lambda line: _print(f"· {line}"), limit)


def _print(line: str) -> None:
    out.print(line, markup=False, soft_wrap=True)


def _say(outcome: Outcome) -> None:
    _print(outcome.line())
    for line in outcome.evidence():
        _print(f"    {line}")


if __name__ == "__main__":
    sys.exit(main())
