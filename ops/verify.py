"""Whether what is derived still is what it is derived from."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from ops import inside
from ops.console import Fault, out, step
from services.reporting import store
from shared.consumers import operating
from shared.database import Record

MOST = 50
"""Differences shown."""


def verify(
    service: Annotated[str, typer.Argument(help="reporting")] = "reporting",
) -> None:
    """So bút toán và tổng với sổ gốc · Compare entries with the journal and sums with entries; 1 if any differs."""
    if service != "reporting":
        raise Fault(f"Chỉ reporting có số liệu dẫn xuất · Only reporting derives figures, not {service}")
    with step("Đối chiếu · Comparing") as doing:
        (events, entries, sums), wrong, edited = asyncio.run(_compare())
        doing.note(f"{events} events, {entries} entries, {sums} sums")
    if edited:
        # No fault: what was applied is what the journal holds. Yet it is not what the source told.
        out.print(
            f"{len(edited)} sự kiện đã được sửa · events were edited by operators: chungcu parked audit -s reporting"
        )
    if wrong:
        show(wrong)
        raise typer.Exit(1)
    out.print("[green]khớp · equal[/]")


def show(wrong: Sequence[Record]) -> None:
    """Show what differs, not too much of it, and how much there is."""
    for one in wrong[:MOST]:
        out.print(", ".join(f"{name}: {value}" for name, value in one.items()), markup=False, soft_wrap=True)
    if len(wrong) > MOST:
        out.print(f"… {len(wrong) - MOST}")
    out.print(f"[red]{len(wrong)} chỗ khác · differences[/]")


async def _compare() -> tuple[tuple[int, int, int], list[Record], list[UUID]]:
    async with inside.database("reporting", store.entries.LIVE) as database, database.transaction(snapshot=True) as tx:
        return await store.entries.counts(tx), await store.entries.differences(tx), await operating.edits(tx)
