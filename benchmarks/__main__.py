"""`python -m benchmarks [--only B1,B5] [--quick]` measures and writes down what was measured."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from aio_pika.exceptions import AMQPError

from benchmarks import (
    backlog,
    commands,
    figures,
    footprint,
    latency,
    page,
    rebuilding,
    registrations,
    reports,
    throughput,
)
from benchmarks.figures import Figure
from benchmarks.processes import Ended
from ops.console import Fault, err, out, step
from ops.running import ROOT

RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "performance.svg"
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
WRONG = (Ended, AssertionError, OSError, asyncpg.PostgresError, AMQPError)
"""What may go wrong in one measurement and leaves the others alone; what takes too long is an OSError, too."""


def bench(
    only: Annotated[str, typer.Option(help="B1,B5 …")] = ",".join(MEASURES),
    *,
    quick: Annotated[bool, typer.Option(help="Một phần mười, không ghi · A tenth, nothing is written.")] = False,
) -> None:
    """Đo hiệu năng bên cạnh các cách làm khác · Measure performance beside other ways of doing it."""
    codes = [code.strip() for code in only.split(",")]
    if unknown := [code for code in codes if code not in MEASURES]:
        raise typer.BadParameter(f"{', '.join(unknown)}: {', '.join(MEASURES)}")
    measured, failed = [], []
    for code in codes:
        words, measure = MEASURES[code]
        try:
            with step(f"{code} {words}") as doing:
                figure = asyncio.run(_measured(measure, quick=quick))
                doing.note(f"{figure.value:,.0f} {figure.unit}")
        except WRONG as error:
            Fault(f"{code} không đo được · could not be measured: {error or type(error).__name__}").show()
            failed.append(code)
            continue
        measured.append(figure)
        out.print_json(data=figure.to_note())
        if not quick:
            page.write(PAGE, CHART, figures.write(RESULTS, measured))
    err.print(f"[dim]{len(measured)} đã đo · measured, {len(failed)} không được · not[/]")
    if failed:
        raise typer.Exit(1)


async def _measured(measure: Callable[[bool], Awaitable[Figure]], *, quick: bool) -> Figure:
    return await measure(quick)


if __name__ == "__main__":
    typer.run(bench)
