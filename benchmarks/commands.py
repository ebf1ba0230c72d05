"""B5: commands per second that one service process decides, remembers and tells."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from statistics import median
from uuid import uuid4

from benchmarks import facts, growth, load
from benchmarks.figures import Figure, Target
from benchmarks.installation import Installation
from benchmarks.load import Ask, Loaded
from benchmarks.processes import running
from benchmarks.rivals import endpoint
from ops.private import nodes
from shared.caller import HANOI
from shared.events.boards import Channel, PetitionKind, Topic

ROUNDS = 3
COMMANDS = 1_000
CLIENTS = 32
LEAST = 0.4


def petitions(count: int, token: str, *, keyed: bool = False) -> list[Ask]:
    """Return commands, each to record a petition received today in some ward."""
    dice = Random()  # noqa: S311 (no secret)
    units = [path.rpartition(".")[2] for path in facts.wards()]
    today = datetime.now(HANOI).date().isoformat()
    return [
        Ask(
            "/v1/petitions",
            {
                "petition_id": str(uuid4()),
                "on": today,
                "kind": dice.choice(list(PetitionKind)),
                "topic": dice.choice(list(Topic)),
                "channel": dice.choice(list(Channel)),
                "unit": dice.choice(units),
            },
            {"Authorization": f"Bearer {token}", **({"Idempotency-Key": str(uuid4())} if keyed else {})},
        )
        for _ in range(count)
    ]


async def measure(quick: bool) -> Figure:
    """Give commands to boards, and rows to a bare endpoint, in turn."""
    count, rounds = (COMMANDS // 10, 1) if quick else (COMMANDS, ROUNDS)
    ours: list[Loaded] = []
    keyed: list[Loaded] = []
    bare: list[Loaded] = []
    async with Installation("boards", "reporting") as installation:
        await growth.hear(installation, "boards", facts.ground(facts.wards()))
        token = installation.token()
        port = nodes.free_port()
        async with installation.scratch(endpoint.TABLES) as database:
            for _ in range(rounds):
                async with installation.running("boards"):
                    url = installation.urls["boards"]
                    ours.append(await _asked(url, petitions(count, token)))
                    keyed.append(await _asked(url, petitions(count, token, keyed=True)))
                async with running("benchmarks.rivals.endpoint", database, str(port)) as server:
                    await server.heard()
                    bare.append(await _asked(f"http://127.0.0.1:{port}", petitions(count, token)))
    value, beside = median(one.per_second for one in ours), median(one.per_second for one in bare)
    ratio = median(our.per_second / their.per_second for our, their in zip(ours, bare, strict=True))
    return Figure(
        "B5",
        f"commands decided, remembered and told by one process, {CLIENTS} clients",
        value,
        "commands/s",
        beside={"one row inserted": beside},
        ratio={"one row inserted": ratio},
        targets=(Target(f"≥ {LEAST} × one row inserted", ratio >= LEAST),),
        more={
            "p99_ms": round(median(one.within(0.99) for one in ours), 1),
            "p99_ms_one_row_inserted": round(median(one.within(0.99) for one in bare), 1),
            "with_idempotency_key": round(median(one.per_second for one in keyed)),
            "rounds": [[round(one.per_second) for one in each] for each in (ours, bare)],
        },
    )


async def _asked(url: str, asks: Sequence[Ask]) -> Loaded:
    loaded = await load.asked(url, asks, CLIENTS)
    assert not loaded.failed, loaded.statuses
    return loaded
