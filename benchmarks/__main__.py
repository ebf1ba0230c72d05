"""`python -m benchmarks [--only B1,B5] [--quick]` measures and writes down what was measured."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from benchmarks import backlog, commands, figures, footprint, latency, rebuilding, registrations, reports, throughput
from benchmarks.figures import Figure
from ops.console import err, out, step

RESULTS = Path(__file__).with_name("results.json")
MEASURES: dict[str, tuple[str, Callable[[bool], Awaitable[Figure]]]] = {
    "B1": ("Từ nhật ký đến báo cáo · From the log to the report", throughput.measure),
    "B2": ("Từ câu trả lời đến báo cáo · From the answer to the report", latency.measure),
    "B3": ("Lập lại mô hình đọc · A read model derived again", rebuilding.measure),
    "B4": ("Báo cáo và giải thích · Report and explanation", reports.measure),
    "B5": ("Lệnh mỗi giây · Commands a second", commands.measure),
    "B6": ("Bộ nhớ và khởi động · Memory and start", footprint.measure),
    "B7": ("Tồn đọng · A backlog", backlog.measure),
    "B8": ("Mười nghìn lần đăng ký · Ten thousand registrations", registrations.measure),
}


def bench(
    only: Annotated[str, typer.Option(help="B1,B5 …")] = ",".join(MEASURES),
    *,
    quick: Annotated[bool, typer.Option(help="Một phần mười, không ghi · A tenth, nothing is written.")] = False,
) -> None:
    """Đo hiệu năng bên cạnh các cách làm khác · Measure performance beside other ways of doing it."""
    codes = [code.strip() for code in only.split(",")]
    if unknown := [code for code in codes if code not in MEASURES]:
        raise typer.BadParameter(f"{', '.join(unknown)}: {', '.join(MEASURES)}")
    measured = []
    for code in codes:
        words, measure = MEASURES[code]
        with step(f"{code} {words}") as doing:
            figure = uvloop.run(_measure(measure, quick))
            doing.note(f"{figure.value:,.0f} {figure.unit}")
        measured.append(figure)
        out.print_json(data=figure.to_note())
    if not quick:
        figures.write(RESULTS, measured)


async def _measure(measure: Callable[[bool], Awaitable[Figure]], quick: bool) -> Figure:
    return await measure(quick)


if __name__ == "__main__":
    typer.run(bench)
