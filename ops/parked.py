"""What services could not understand: seen, looked into, tried again by an operator."""

import asyncio
import time
from typing import Annotated
from uuid import UUID

import orjson
import typer
from rich.table import Table

from ops import inside
from ops.console import Fault, err, out
from shared.database import Record

parked_app = typer.Typer(help="Sự kiện chưa xử lý được · Events that could not be applied.", no_args_is_help=True)
PATIENCE = 10.0
"""Seconds to wait for the service to try again."""

Service = Annotated[str | None, typer.Option("--service", "-s", help="Chỉ một dịch vụ · One service only.")]


@parked_app.command("list")
def list_(service: Service = None) -> None:
    """Liệt kê · List them, the oldest first."""
    rows = asyncio.run(_all(inside.known(service)))
    if not rows:
        out.print("Không có · None")
        return
    table = Table("dịch vụ · service", "id", "type", "error", "fingerprint", "lần · tries", "thử lại · next try")
    for name, row in rows:
        following = f"{row['next_at']:%H:%M:%S}" if row["next_at"] else "chờ bạn · waits for you"
        table.add_row(
            name, str(row["id"]), row["type"], row["error"], row["fingerprint"], str(row["attempts"]), following
        )
    out.print(table)


@parked_app.command()
def show(event: UUID, service: Service = None) -> None:
    """Xem một sự kiện và lỗi của nó · Show one event with its error."""
    found = [(name, row) for name, row in asyncio.run(_all(inside.known(service))) if row["id"] == event]
    if not found:
        raise Fault("Không có sự kiện này · No such parked event", "chungcu parked list")
    for name, row in found:
        number = f"{row['source']} no. {row['logseq']}" if row["logseq"] else "—"
        out.print(f"{name}: {row['type']} ({number}), {row['attempts']}×, {row['parked_at']:%Y-%m-%d %H:%M:%S}")
        out.print(f"{row['error']} [{row['fingerprint']}]", markup=False)
        out.print(_readable(row["body"]), markup=False)


@parked_app.command()
def retry(
    event: Annotated[UUID | None, typer.Argument(help="Bỏ trống cùng --fingerprint để thử cả nhóm.")] = None,
    *,
    fingerprint: Annotated[str | None, typer.Option(help="Mọi sự kiện cùng lỗi · All with the same fault.")] = None,
    service: Service = None,
) -> None:
    """Thử lại ngay và chờ kết quả · Try again at once and wait for what comes of it; 1 if any fails again."""
    if (event is None) == (fingerprint is None):
        raise Fault("Nêu một sự kiện hoặc --fingerprint · Name one event, or --fingerprint", "chungcu parked list")
    tried, left = asyncio.run(_retry(inside.known(service), event, fingerprint))
    if tried == 0:
        raise Fault("Không có sự kiện nào như vậy · There is no such parked event", "chungcu parked list")
    out.print(f"Đã xử lý · Applied: {tried - left}/{tried}")
    if left:
        err.print("Xem lỗi · See why: chungcu parked list")
        raise typer.Exit(1)


async def _all(services: list[str]) -> list[tuple[str, Record]]:
    found = []
    for name in services:
        async with inside.database(name) as database, database.transaction() as tx:
            found += [(name, row) for row in await tx.fetch("SELECT * FROM parked ORDER BY parked_at")]
    return found


async def _retry(services: list[str], event: UUID | None, fingerprint: str | None) -> tuple[int, int]:
    """Let the services try again, and return how many were tried and how many are still parked."""
    tried = left = 0
    for name in services:
        async with inside.database(name) as database:
            async with database.transaction() as tx:
                rows = await tx.fetch(
                    """UPDATE parked SET next_at = now()
                        WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR fingerprint = $2)
                    RETURNING id, attempts""",
                    event,
                    fingerprint,
                )
            waiting = {row["id"]: row["attempts"] for row in rows}
            tried += len(waiting)
            until = time.monotonic() + PATIENCE
            while waiting and time.monotonic() < until:
                await asyncio.sleep(0.2)
                async with database.transaction() as tx:
                    now = await tx.fetch("SELECT id, attempts FROM parked WHERE id = ANY ($1)", list(waiting))
                again = {row["id"]: row["attempts"] for row in now}
                failed = [one for one, attempts in waiting.items() if again.get(one, 0) > attempts]
                left += len(failed)
                waiting = {one: waiting[one] for one in again if one not in failed}
            left += len(waiting)
    return tried, left


def _readable(body: bytes) -> str:
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except ValueError:
        return repr(body[:2000])
