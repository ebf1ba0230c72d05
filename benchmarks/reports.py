"""B4: how long a report and its explanation take, however much there is beside the district asked about."""

import asyncio
import urllib.request
from statistics import median

from benchmarks import growth, load
from benchmarks.figures import Figure, Target
from benchmarks.growth import Copies
from benchmarks.installation import Installation
from benchmarks.load import Ask, Loaded

DISTRICT_HOLDS = 10_000
TIMES = (1, 10, 100)
ASKS, ROUNDS = 40, 3
SPELL = 3.0
"""Seconds that one round of one question may take: the slower, the fewer."""
PERIOD = "unit=Q001&from=2021-09-30&to=2022-12-01"
REPORT = f"/v1/reports/thong-tri-05?{PERIOD}"
EXPLAIN = f"/v1/reports/thong-tri-05/lines/LB-05/explain?{PERIOD}"
MOST, MOST_UNCHANGED = 1.2, 3.0

Rows = dict[str, dict[str, float]]


async def measure(quick: bool) -> Figure:
    """Ask about one district, first alone, then among copies of it; then with all the copies inside it."""
    around = await _grown(within=False, quick=quick)
    inside = await _grown(within=True, quick=quick)
    least, *_, most = around
    value = around[most]["report_p50"]
    ratio = {
        "constant": value / around[most]["constant_p50"],
        "largest over smallest": value / around[least]["report_p50"],
        "explain, largest over smallest": around[most]["explain_p50"] / around[least]["explain_p50"],
    }
    return Figure(
        "B4",
        f"a report about a district of {DISTRICT_HOLDS:,} entries among {most} entries, p50",
        value,
        "ms",
        beside={"constant": around[most]["constant_p50"], f"among {least}": around[least]["report_p50"]},
        ratio=ratio,
        targets=(
            Target(f"report ≤ {MOST} × from {least} to {most}", ratio["largest over smallest"] <= MOST),
            Target(f"explain ≤ {MOST} × from {least} to {most}", ratio["explain, largest over smallest"] <= MOST),
            Target(f"304 under {MOST_UNCHANGED:.0f} ms", around[most]["unchanged_p50"] < MOST_UNCHANGED),
        ),
        more={"around the district": around, "within the district": inside},
    )


async def _grown(*, within: bool, quick: bool) -> Rows:
    """Return what was measured at each size."""
    rows: Rows = {}
    async with Installation("boards", "reporting") as installation:
        await growth.district(installation, DISTRICT_HOLDS // (10 if quick else 1))
        async with installation.database("reporting") as server:
            copies = Copies(server, within=within)
            await copies.begin()
            for times in TIMES:
                entries = await copies.grow(times)
                async with installation.running("reporting"):
                    rows[f"{entries:,}"] = await _asked(installation, ASKS // (4 if quick else 1))
    return rows


async def _asked(installation: Installation, count: int) -> dict[str, float]:
    """Ask the same things several times over, in turn."""
    url = installation.urls["reporting"]
    token = {"Authorization": f"Bearer {installation.token()}"}
    etag = await asyncio.to_thread(_etag, f"{url}{REPORT}", token)
    asks = {
        "constant": Ask("/livez"),
        "report": Ask(REPORT, headers=token),
        "explain": Ask(EXPLAIN, headers=token),
        "unchanged": Ask(REPORT, headers={**token, "If-None-Match": etag}),
    }
    answers: dict[str, list[Loaded]] = {name: [] for name in asks}
    first = {name: (await load.asked(url, [ask])).milliseconds[0] / 1000 for name, ask in asks.items()}
    for _ in range(ROUNDS):
        for name, ask in asks.items():
            loaded = await load.asked(url, [ask] * max(min(count, int(SPELL / first[name])), 1))
            assert not loaded.failed, (name, loaded.statuses)
            answers[name].append(loaded)
    return {
        f"{name}_p{share}": round(median(one.within(share / 100) for one in each), 2)
        for name, each in answers.items()
        for share in (50, 99)
    }


def _etag(url: str, headers: dict[str, str]) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:  # noqa: S310
        return str(answer.headers["ETag"])
