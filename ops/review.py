"""`chungcu report`: a report of the reporting service, as a table for people or as the service's own bytes."""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ops.client import Client
from ops.console import Fault, out
from ops.running import Running

NOT_KNOWN = "chưa xác định · not known"
"""How `null` reads: nobody confirmed the registers, so not even zero is known."""
WITHHELD = "hạn chế · restricted"
"""How a line reads that is counted for others."""


class Form(StrEnum):
    """What the service is asked to answer in."""

    JSON = "application/json"
    CSV = "text/csv"


async def fetch(
    running: Running,
    report: str,
    unit: str,
    since: date,
    until: date,
    as_of: int | None = None,
    *,
    form: Form = Form.JSON,
    restricted: bool = False,
) -> bytes:
    """Return a report for a unit and a period, both days inclusive, as the service sends it; raise `Declined`.

    `restricted` asks for restricted lines too, with permissions that reach them.
    """
    asked: dict[str, str | int] = {"unit": unit, "from": since.isoformat(), "to": until.isoformat()}
    if as_of is not None:
        asked["as_of"] = as_of
    async with Client(running, restricted=restricted) as client:
        answer = await client.ask("reporting", f"/v1/reports/{report}", params=asked, headers={"Accept": form})
        return answer.content


def report(
    code: Annotated[str, typer.Argument(help="Mã báo cáo · Code of the report, such as thong-tri-05.")],
    unit: Annotated[str, typer.Option(help="Mã đơn vị · Id of the unit, such as Q004.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Từ ngày · First day, inclusive.")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Đến ngày · Last day, inclusive.")],
    as_of: Annotated[int | None, typer.Option(min=0, help="Như đã biết ở vị trí này · As known at position.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Nguyên văn JSON · The service's own JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Nguyên văn CSV · The service's own CSV.")] = False,
) -> None:
    """In một báo cáo · Print a report: declared beside computed, numerator and denominator, coverage, issues."""
    if as_json and as_csv:
        message = "Chỉ chọn một dạng · Choose one form: --json, --csv"
        raise typer.BadParameter(message)
    if (running := Running.load()) is None:
        message = "Hệ thống chưa chạy · The system is not running"
        raise Fault(message, "chungcu up")
    form = Form.CSV if as_csv else Form.JSON
    answer = asyncio.run(fetch(running, code, unit, since.date(), until.date(), as_of, form=form))
    if as_json or as_csv:
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
    else:
        out.print(table(answer))


def table(report: bytes | dict[str, Any]) -> RenderableType:
    """Lay out a report, as sent or as read, and say below what does not fit in it."""
    read: dict[str, Any] = json.loads(report) if isinstance(report, bytes) else report
    return Group(_lines(read), *(part for one in read["issues"] for part in _issue(one)))


def _issue(issue: dict[str, Any]) -> Iterator[Text]:
    """Say an issue, what its figures may mean, and why it stands if somebody said so."""
    message, seen = issue["message"], issue["acknowledged"]
    yield Text.assemble(
        (f"{issue['rule']} ", "dim" if seen else "yellow"), message["vi"], (f" · {message['en']}", "dim")
    )
    for reading in issue["readings"]:
        yield Text.assemble("      • ", reading["vi"], (f" · {reading['en']}", "dim"))
    if seen:
        yield Text.assemble(("      ✓ ", "green"), f"{_day(seen['on'])}: {seen['reason']}")


def _lines(report: dict[str, Any]) -> Table:
    unit, period, position = report["unit"], report["period"], report["as_of"]["position"]
    days = f"{_day(period['from'])} → {_day(period['to'])}, {period['days']} ngày · days"
    named = f"{period['name']} ({period['code']}) · " if period["code"] else ""
    laid = Table(
        title=escape(f"{report['report']} · {unit['name']} ({unit['id']}) · {named}{days}"),
        caption=f"Như đã biết ở vị trí · As known at position {position}",
    )
    laid.add_column("Mã\nCode", no_wrap=True)
    laid.add_column("Chỉ tiêu\nIndicator")
    laid.add_column("Khai báo\nDeclared", justify="right")
    laid.add_column("Tính toán\nComputed", justify="right")
    laid.add_column("Lệch\nDifference", justify="right")
    laid.add_column("Xác nhận\nCoverage", justify="right")
    laid.add_column("Vấn đề\nIssues")
    for line in report["lines"]:
        covered = line["coverage"]
        laid.add_row(
            f"  {line['code']}" if line["part_of"] else line["code"],
            escape(line["name"]["vi"]),
            declared(line),
            figure(line),
            difference(line["difference"]),
            f"{covered['confirmed']}/{covered['of']}",
            ", ".join(dict.fromkeys(issue["rule"] for issue in line["issues"])),
        )
    return laid


def declared(line: dict[str, Any]) -> str:
    """Return what was declared of a line: `8`, `13/14`, a claim, or nothing."""
    said = line["declaration"]
    if said is None:
        return ""
    return number(said["value"]) if said["display"] == str(said["value"]) else escape(said["display"])


def difference(value: float | None) -> str:
    """Return by how much the computed figure exceeds the declared one: `=`, `+2`, `−0,45`."""
    if value is None:
        return ""
    return f"[yellow]{'+' if value > 0 else '−'}{number(abs(value))}[/]" if value else "[green]=[/]"


def figure(line: dict[str, Any]) -> str:
    """Return a line's computed figure: `8`, `13/14`, `22,07 % (49/222)`, or that it is not known."""
    computed, above, below = line["computed"], line["numerator"], line["denominator"]
    if line.get("withheld"):
        return f"[dim]{WITHHELD}[/]"
    if computed is None and (above is None or below is None):
        return NOT_KNOWN
    if below is None:
        return number(computed)
    share = f"{number(above)}/{number(below)}"
    if computed is None:
        return f"— ({share})"
    return share if computed == above else f"{number(f'{computed:.2f}')} % ({share})"


def number(value: float | str) -> str:
    """Write a number as Vietnamese does: 1.234 and 22,07."""
    return (value if isinstance(value, str) else f"{value:,}").translate(str.maketrans(",.-", ".,−"))


def _day(written: str) -> str:
    return date.fromisoformat(written).strftime("%d/%m/%Y")
