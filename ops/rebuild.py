"""Entries and sums rebuilt from the journal beside the live ones, proven, and put in their place."""

import asyncio
import time
from contextlib import ExitStack
from typing import Annotated

import typer

from ops import inside
from ops.console import Fault, Step, out, step
from ops.verify import show
from services.reporting.store.rebuild import Busy, Crowded, Phase, Proof, Rebuild
from shared.database import is_transient

WORDS = {
    Phase.DERIVE: "Dẫn xuất bút toán · Deriving entries",
    Phase.SUM: "Cộng · Summing",
    Phase.INDEX: "Lập chỉ mục · Indexing",
    Phase.FOLLOW: "Theo kịp · Following what came since",
    Phase.COMPARE: "Đối chiếu · Comparing",
    Phase.EXCHANGE: "Thay thế · Exchanging",
}


def rebuild(
    service: Annotated[str, typer.Argument(help="reporting")],
    *,
    mend: Annotated[
        bool, typer.Option(help="Thay cả khi khác, sau khi đã xem · Exchange even what differs, once that was seen.")
    ] = False,
    keep: Annotated[
        bool, typer.Option(help="Giữ bảng đã dựng để xem · Keep the tables beside, to be looked at.")
    ] = False,
) -> None:
    """Dựng lại bút toán và tổng từ sổ gốc, đối chiếu, thay thế · Rebuild entries and sums, prove and exchange them.

    Dịch vụ cứ chạy; 1 nếu có chỗ khác, khi đó không thay · Services go on; 1 if anything differs, then nothing changes.
    """
    if service != "reporting":
        raise Fault(f"Chỉ reporting có số liệu dẫn xuất · Only reporting derives figures, not {service}")
    began = time.monotonic()
    with ExitStack() as shown:
        try:
            proof, longest = asyncio.run(_rebuilt(_Progress(shown), mend=mend, keep=keep))
        except Busy as busy:
            raise Fault("Đang có một lần dựng lại khác · Another rebuild is under way") from busy
        except Crowded as crowded:
            raise Fault(
                "Có người đọc suốt, chưa thay được · Somebody reads without a pause: nothing was exchanged",
                "chungcu rebuild reporting",
            ) from crowded
        except Exception as error:
            if not is_transient(error):
                raise
            raise Fault(
                f"Cơ sở dữ liệu ngắt giữa chừng, chưa thay gì · The database went away, nothing was exchanged:"
                f" {type(error).__name__}",
                "chungcu rebuild reporting",
            ) from error
    if proof.unlike and proof.holds:
        why = "Định nghĩa đã đổi · Definitions have changed" if proof.redefined else "Đã sửa · Mended"
        out.print(f"{why}, số dòng trước → nay · rows before → after:")
        for name in proof.unlike:
            was, now = (book[name].rows if name in book else 0 for book in (proof.live, proof.rebuilt))
            out.print(f"  {name}: {was} → {now}")
    if not proof.holds:
        show(proof.wrong)
        if not proof.redefined:
            out.print(f"khác ở · they differ in: {', '.join(proof.unlike)}")
        out.print("Không thay gì · Nothing was exchanged; --mend thay, --keep giữ để xem · exchanges, keeps to be seen")
        raise typer.Exit(1)
    seconds = time.monotonic() - began
    out.print(
        f"[green]đã thay · exchanged[/] {proof.position} events, {proof.position / seconds:.0f}/s,"
        f" longest transaction {longest * 1000:.0f} ms"
    )


async def _rebuilt(says: "_Progress", *, mend: bool, keep: bool) -> tuple[Proof, float]:
    async with inside.database("reporting") as database, Rebuild.begun(database, says, keep=keep) as work:
        await work.derived()
        proof = await work.proven(mend=mend)
        if proof.holds:
            await work.exchanged()
        return proof, work.longest


class _Progress:
    """Shows one step after another, each with how far it has come."""

    def __init__(self, shown: ExitStack) -> None:
        self._shown = shown
        self._phase: Phase | None = None
        self._doing: Step | None = None
        self._began = 0.0

    def __call__(self, phase: Phase, done: int) -> None:
        if phase is not self._phase:
            self._shown.close()
            self._phase, self._began = phase, time.monotonic()
            self._doing = self._shown.enter_context(step(WORDS[phase]))
        if self._doing and done:
            seconds = max(time.monotonic() - self._began, 0.001)
            self._doing.note(f"{done}, {done / seconds:.0f}/s")
