"""B6: what the four services need before anything happens: memory, and time until they are ready."""

import asyncio

from benchmarks.figures import Figure, Target
from benchmarks.installation import RABBITMQ, Installation
from benchmarks.processes import memory, now, running
from benchmarks.throughput import rival_queue
from ops.private import nodes

SETTLED_AFTER = 3.0
MOST, READY_WITHIN = 400.0, 5.0


async def measure(quick: bool) -> Figure:
    """Start all four at once, look at them when they idle, then at a process that does nothing."""
    async with Installation() as installation:
        began = now()
        async with installation.running() as programs:
            ready = now() - began
            await asyncio.sleep(0 if quick else SETTLED_AFTER)
            each = {name: memory(program.pid) for name, program in programs.items()}
    began = now()
    async with (
        rival_queue() as name,
        running("benchmarks.rivals.empty", RABBITMQ, name, str(nodes.free_port())) as program,
    ):
        await program.heard()
        empty_ready = now() - began
        await asyncio.sleep(0 if quick else SETTLED_AFTER)
        empty = memory(program.pid)
    total = sum(each.values())
    return Figure(
        "B6",
        "memory of all four services together (PSS), idle",
        total,
        "MB",
        beside={"four empty processes": 4 * empty},
        ratio={"four empty processes": total / (4 * empty)},
        targets=(
            Target(f"all four under {MOST:.0f} MB", total < MOST),
            Target(f"ready within {READY_WITHIN:.0f} s", ready <= READY_WITHIN),
        ),
        more={
            "MB_each": {name: round(one) for name, one in each.items()},
            "seconds_until_all_ready": round(ready, 1),
            "seconds_until_an_empty_one_is_ready": round(empty_ready, 1),
        },
    )
