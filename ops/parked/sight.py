"""How parked events are shown: garbage from outside may be anything, so nothing of it steers a terminal."""

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import orjson
from rich.table import Table
from rich.text import Text

from ops.console import out
from shared.caller import HANOI
from shared.database import Record

UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that one does not see: they move the cursor, reverse the writing, or hide."""
LONGEST_BODY = 20_000
"""Characters of a body that are shown; no event of ours is longer by much."""

Found = tuple[str, Record]
"""A parked event, or an act upon one, with the part of a service where it lies."""


def plain(text: str, *, lines: bool = False) -> str:
    r"""Return a text with what one does not see written as JSON writes it: `\u001b`; line ends may stay."""
    return "".join(
        "".join(f"\\u{unit:04x}" for unit in _units(one))
        if unicodedata.category(one) in UNSEEN and not (lines and one == "\n")
        else one
        for one in text
    )


def _units(character: str) -> Iterator[int]:
    raw = character.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(raw), 2):
        yield int.from_bytes(raw[at : at + 2], "big")


def readable(body: bytes) -> str:
    r"""Return a body for a person: JSON indented, anything else as its text, bytes that are none as `\xff`."""
    try:
        text = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except (ValueError, TypeError):
        text = body.decode(errors="backslashreplace")
    return plain(text, lines=True)


def say(text: str = "", style: str = "") -> None:
    """Print a text as it is: no markup, no emoji, no line broken."""
    out.print(Text(text, style), soft_wrap=True)


def moment(at: datetime | None) -> str:
    """Return a moment in Hà Nội, or that it is for an operator to say."""
    return f"{at.astimezone(HANOI):%Y-%m-%d %H:%M:%S}" if at else "chờ bạn · waits for you"


def error(part: str, row: Record, *, whole: bool = False) -> str:
    """Return an error's words; of restricted facts its class alone, for a database quotes the row it refuses."""
    said = str(row["error"])
    if not whole and ".restricted" in part:
        return plain(said.partition(":")[0])
    return plain(said) if whole else plain(said.partition("\n")[0])


def events(found: Sequence[Found]) -> Table:
    """Lay out events, one a line."""
    table = Table("dịch vụ · service", "id", "type", "error", "fingerprint", "lần · tries", "thử lại · next try")
    for part, row in found:
        cells = (part, str(row["id"]), plain(row["type"]), error(part, row), row["fingerprint"], str(row["attempts"]))
        table.add_row(*map(Text, (*cells, moment(row["next_at"]))))
    return table


def faults(found: Sequence[Found]) -> Table:
    """Lay out faults, one a line: how many events share it, since when, and one of them."""
    table = Table("dịch vụ · service", "fingerprint", "error", "số · events", "cũ nhất · oldest", "ví dụ · example")
    for (part, fingerprint), rows in grouped(found).items():
        first = rows[0]
        cells = (part, fingerprint, error(part, first), str(len(rows)), moment(first["parked_at"]), str(first["id"]))
        table.add_row(*map(Text, cells))
    return table


def grouped(found: Iterable[Found]) -> dict[tuple[str, str], list[Record]]:
    """Return events by fault; each group has the oldest first."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for part, row in found:
        groups.setdefault((part, row["fingerprint"]), []).append(row)
    return groups


def event(part: str, row: Record, alike: int, faults: Sequence[str]) -> None:
    """Print everything an operator needs to understand one event."""
    number = f"{row['source']} no. {row['logseq']}" if row["logseq"] else row["source"] or "—"
    for about, what in (
        ("dịch vụ · service", part),
        ("sự kiện · event", str(row["id"])),
        ("type", row["type"]),
        ("subject", row["subject"] or "—"),
        ("unit", _attribute(row["body"], "unit")),
        ("nguồn · source", number),
        ("gác lại lúc · parked at", moment(row["parked_at"])),
        ("lần thử · tries", str(row["attempts"])),
        ("thử lại · next try", moment(row["next_at"])),
        ("lỗi · error", error(part, row, whole=True)),
        ("chỗ lỗi · place", row["place"] or "—"),
        ("fingerprint", f"{row['fingerprint']} ({alike} sự kiện cùng lỗi · events share it)"),
    ):
        say(f"{about:<26}{plain(what)}")
    for fault in faults:
        say(f"{'hợp đồng · contract':<26}{plain(fault)}")
    text = readable(row["body"])
    say()
    say(text[:LONGEST_BODY])
    if len(text) > LONGEST_BODY:
        say(f"… ({len(row['body'])} bytes)")


def _attribute(body: bytes, name: str) -> str:
    try:
        return str(orjson.loads(body)[name])
    except (ValueError, KeyError, TypeError):
        return "—"


def act(part: str, row: Record, *, body: bool) -> None:
    """Print one act: who, when, what and why; of an edit what it changed, of what was dropped the body."""
    say(f"{moment(row['at'])}  {plain(row['operator'])}  {row['action']}  {part}  {row['event']}  {plain(row['type'])}")
    if row["reason"]:
        say(f"    {plain(row['reason'])}")
    if row["action"] == "EDITED" and body:
        for line in difference(row["before"], row["after"]):
            say(f"    {line}", {"+": "green", "-": "red"}.get(line[0], ""))
    elif row["action"] == "DROPPED" and body:
        for line in readable(row["before"])[:LONGEST_BODY].splitlines():
            say(f"    {line}")


def difference(before: bytes, after: bytes) -> list[str]:
    """Return the lines that an edit took away and those it put there, each with what is around it."""
    told = difflib.unified_diff(readable(before).split("\n"), readable(after).split("\n"), n=2, lineterm="")
    return [line or " " for line in told][2:]
