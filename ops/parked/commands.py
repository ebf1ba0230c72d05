"""`chungcu parked`: the commands for events that could not be applied."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from ops import inside
from ops.console import Fault, err, out
from ops.parked import acts, drafts, sight
from ops.parked.acts import Tried
from ops.parked.sight import Found
from shared.consumers import operating
from shared.database import Record

parked_app = typer.Typer(help="Sự kiện chưa xử lý được · Events that could not be applied.", no_args_is_help=True)

Service = Annotated[str | None, typer.Option("--service", "-s", help="Chỉ một dịch vụ · One service only.")]
Reason = Annotated[str | None, typer.Option("--reason", "-m", help="Lý do, được lưu lại · Why; it is kept.")]
Purpose = Annotated[str | None, typer.Option(help="Mục đích xem, cho phần hạn chế · For what, in restricted parts.")]
Fingerprint = Annotated[str | None, typer.Option(help="Mọi sự kiện cùng lỗi · All with the same fault.")]
Group = Annotated[UUID | None, typer.Argument(help="Bỏ trống cùng --fingerprint · None with --fingerprint.")]
Event = Annotated[UUID, typer.Argument(help="Mã sự kiện · The event's id.")]
TOLD = (
    "id",
    "type",
    "subject",
    "error",
    "place",
    "fingerprint",
    "attempts",
    "parked_at",
    "next_at",
    "source",
    "logseq",
)
"""What is told of an event as JSON: never its body."""


@parked_app.command("list")
def list_(
    *,
    by_fault: Annotated[bool, typer.Option("--by-fault", help="Gộp theo lỗi · One line for each fault.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Cho máy đọc, không có nội dung · For machines.")] = False,
    service: Service = None,
) -> None:
    """Liệt kê, cũ nhất trước · List them, the oldest first."""
    found = asyncio.run(acts.parked(service))
    if as_json:
        shown = [_group(part, rows) for (part, _), rows in sight.grouped(found).items()] if by_fault else _told(found)
        typer.echo(json.dumps(shown, indent=2, default=str))
        return
    if not found:
        out.print("Không có · None")
        return
    out.print(sight.faults(found) if by_fault else sight.events(found))
    part, row = found[0]
    for what, command in (
        ("Xem · Look", f"chungcu parked show {row['id']} -s {part}"),
        ("Cùng lỗi · By fault", "chungcu parked list --by-fault"),
        ("Đã sửa nguyên nhân · Cause mended", f"chungcu parked retry --fingerprint {row['fingerprint']}"),
        ("Sửa nội dung · Mend the body", f"chungcu parked edit {row['id']} -s {part} --reason …"),
        ("Bỏ, lấy lại được · Set aside", f"chungcu parked drop {row['id']} -s {part} --reason …"),
    ):
        sight.say(f"→ {what}: {command}", "yellow")


@parked_app.command()
def show(event: Event, *, purpose: Purpose = None, service: Service = None) -> None:
    """Xem mọi điều cần biết về một sự kiện · Show all there is to know of one event."""
    asyncio.run(_show(event, service, purpose))


async def _show(event: UUID, service: str | None, purpose: str | None) -> None:
    every = await acts.parked(service)
    found = [(part, row) for part, row in every if row["id"] == event]
    if not found:
        raise Fault("Không có sự kiện này · No such parked event", f"chungcu parked list\nchungcu parked audit {event}")
    await acts.look(found, acts.purpose((part for part, _ in found), purpose))
    alike = sight.grouped(every)
    for part, row in found:
        wrong = drafts.faults(part, row["body"])
        fits = ["đúng, lỗi khi xử lý · it fits; the fault is in applying it"]
        sight.event(part, row, len(alike[part, row["fingerprint"]]), wrong or fits)


@parked_app.command()
def retry(
    event: Group = None, *, fingerprint: Fingerprint = None, reason: Reason = None, service: Service = None
) -> None:
    """Thử lại ngay và chờ kết quả · Try again at once and wait for what comes of it; 1 if any fails again."""
    who = acts.by(reason)

    async def act() -> Tried:
        return await acts.retry(await acts.chosen(service, event, fingerprint), who)

    _outcome(asyncio.run(act()))


@parked_app.command()
def edit(
    event: Event,
    *,
    reason: Reason = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="data.field=giá trị JSON · a JSON value; repeatable.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Lấy nội dung từ tệp · Take the body from a file.", exists=True, dir_okay=False)
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Chỉ lưu, chờ bạn retry · Only store it; it waits until you retry.")
    ] = False,
    purpose: Purpose = None,
    service: Service = None,
) -> None:
    """Sửa nội dung rồi thử lại ngay · Edit the body (in $EDITOR, if nothing else is said) and try again at once.

    What does not fit its contract is not stored; the draft is kept. The source and other services keep what was told.
    """
    who = acts.by(reason, needed=True)
    if changes and file:
        raise Fault("Chọn một: --set hoặc --file · Either --set or --file")
    found = asyncio.run(acts.chosen(service, event, None))
    part, before = acts.only([part for part, _ in found]), found[0][1]["body"]
    if changes:
        text = drafts.with_fields(before, changes)
    elif file:
        text = file.read_text(errors="replace")
    else:
        asyncio.run(acts.look(found, acts.purpose([part], purpose)))
        text = drafts.in_editor(event, before)
    try:
        after = drafts.checked(part, event, before, text)
        outcome = asyncio.run(acts.edit(part, event, before, after, who, keep=keep))
    except drafts.Unchanged:
        raise
    except Fault as fault:
        raise drafts.refused(fault, event, text, file) from None
    if outcome:
        _outcome(outcome)
        return
    out.print("Đã lưu, chưa thử · Stored, not tried")
    sight.say(f"→ chungcu parked retry {event} -s {part}", "yellow")


@parked_app.command()
def drop(
    event: Group = None,
    *,
    fingerprint: Fingerprint = None,
    reason: Reason = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Không hỏi lại · Do not ask.")] = False,
    service: Service = None,
) -> None:
    """Bỏ: không xử lý, giữ trong sổ, lấy lại được bằng restore · Set aside: kept in the audit, undone by restore."""
    who = acts.by(reason, needed=True)
    found = asyncio.run(acts.chosen(service, event, fingerprint))
    if event:
        acts.only([part for part, _ in found])
    out.print(sight.events(found))
    if not yes and not typer.confirm(f"Bỏ {len(found)} sự kiện? · Drop {len(found)}?", err=True):
        raise Fault("Không bỏ gì · Nothing was dropped")
    gone = asyncio.run(acts.drop(found, who))
    out.print(f"Đã bỏ · Dropped: {len(gone)}/{len(found)}")
    for part, one in gone:
        sight.say(f"→ Lấy lại · Undo: chungcu parked restore {one} -s {part}", "yellow")


@parked_app.command()
def restore(event: Event, *, reason: Reason = None, service: Service = None) -> None:
    """Lấy lại sự kiện đã bỏ; nó chờ bạn retry · Put a dropped event back; it waits until you retry."""
    who = acts.by(reason)

    async def act() -> str:
        found = await acts.every(inside.known(service), lambda tx: operating.history(tx, event, 1000))
        parts = sorted({part for part, row in found if row["action"] == "DROPPED"})
        if not parts:
            raise Fault("Sự kiện này chưa bị bỏ · This event was not dropped", "chungcu parked audit")
        await acts.within(acts.only(parts), lambda tx: operating.restored(tx, event, who))
        return parts[0]

    part = asyncio.run(act())
    out.print(f"Đã lấy lại · Restored: {part}")
    sight.say(f"→ chungcu parked retry {event} -s {part}", "yellow")


@parked_app.command()
def audit(
    event: Annotated[UUID | None, typer.Argument(help="Chỉ một sự kiện · One event only.")] = None,
    *,
    last: Annotated[int, typer.Option("--last", "-n", help="Số dòng cuối · How many of each.", min=1)] = 50,
    purpose: Purpose = None,
    service: Service = None,
) -> None:
    """Ai đã làm gì, khi nào, vì sao; sửa chỗ nào · Who did what, when and why; and of edits, what they changed.

    Of restricted parts the bodies are shown with --purpose only.
    """
    found = asyncio.run(acts.every(inside.known(service), lambda tx: operating.history(tx, event, last)))
    if not found:
        out.print("Không có · None")
        return
    who = acts.by(purpose) if purpose else None
    bodies = [(part, row) for part, row in found if row["action"] in {"EDITED", "DROPPED"}]
    if who:
        asyncio.run(acts.look(bodies, who, column="event"))
    for part, row in sorted(found, key=lambda one: one[1]["at"]):
        sight.act(part, row, body=who is not None or not part.endswith(inside.RESTRICTED))


def _outcome(tried: Tried) -> None:
    out.print(f"Đã xử lý · Applied: {tried.applied}/{tried.all}")
    if tried.failed:
        err.print("Vẫn lỗi, xem · It failed again; see why: chungcu parked list")
    if tried.untried:
        err.print(f"Chưa ai thử {tried.untried} · Nobody has tried {tried.untried} yet: chungcu status")
    if tried.failed or tried.untried:
        raise typer.Exit(1)


def _told(found: Sequence[Found]) -> list[dict[str, Any]]:
    return [{"service": part, **{name: row[name] for name in TOLD}, **_guarded(part, row)} for part, row in found]


def _guarded(part: str, row: Record) -> dict[str, Any]:
    """Return what is not told of restricted events: of whom they are, and the words of their errors."""
    return {"error": sight.error(part, row), **({"subject": None} if part.endswith(inside.RESTRICTED) else {})}


def _group(part: str, rows: Sequence[Record]) -> dict[str, Any]:
    first = rows[0]
    return {
        "service": part,
        "fingerprint": first["fingerprint"],
        "error": sight.error(part, first),
        "events": len(rows),
        "oldest": first["parked_at"],
        "example": first["id"],
    }
