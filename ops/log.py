"""The log after a restore: transaction ids of another server mean nothing here."""

import asyncio
from typing import Annotated

import typer

from ops import inside
from ops.console import Fault, out
from shared import event_log
from shared.relay import LEASE

log_app = typer.Typer(help="Sổ sự kiện · The log of events.", no_args_is_help=True)


@log_app.command()
def rebase(service: Annotated[str, typer.Argument(help="buildings, boards, notifications, reporting")]) -> None:
    """Sau khi khôi phục từ bản sao: đặt lại thứ tự · After a restore from a dump: give the log an order again.

    What was told keeps its numbers; what was not comes after it, in the order in which it was written.
    """
    (name,) = inside.known(service)
    told, waiting = asyncio.run(_rebase(name))
    out.print(f"{name}: {told} đã gửi · told, {waiting} chờ gửi · waiting")


async def _rebase(service: str) -> tuple[int, int]:
    async with inside.database(service) as database, database.transaction() as tx:
        if not await tx.value("SELECT pg_try_advisory_xact_lock($1)", LEASE + service.endswith(inside.RESTRICTED)):
            raise Fault("Dịch vụ đang chạy · The service still runs", "make down")
        return await event_log.rebase(tx)
