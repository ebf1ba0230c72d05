"""Editing a body: in an editor, from a file or field by field; checked before it is stored, and never lost."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from ops.console import Fault
from ops.inside import RESTRICTED
from ops.parked.sight import plain, readable
from shared.consumers import Consumers, Delivery
from shared.events import CATALOGUE, LARGEST_EVENT, UnknownEvent, Unreadable, cloud_event


class Unchanged(Fault):
    """Somebody left a body as it was: there is nothing to keep."""


def reader(part: str) -> Consumers:
    """Return what reads events in this part of a service."""
    from ops.services import SERVICES  # noqa: PLC0415 (slow to import; only reading needs it)

    service = SERVICES[part.removesuffix(RESTRICTED)]
    if part == service.name:
        return service.consumers
    return service.restricted or Consumers(service.name, restricted=True)


def faults(part: str, body: bytes) -> list[str]:
    """Return in words what keeps a body from being read here; nothing when it can be read."""
    try:
        reader(part).read(Delivery(body))
    except UnknownEvent as error:
        return _unknown(str(error))
    except Unreadable as error:
        expected = _expected(body)
        return [f"{one}{_because(expected, one)}" for one in str(error).split("; ")]
    return []


def _unknown(kind: str) -> list[str]:
    if kind in CATALOGUE:
        return [f"{kind}: không thuộc phần này · is not told to this part (restricted events go apart)"]
    stem = kind.rpartition(".")[0]
    editions = [one for one in CATALOGUE if one.rpartition(".")[0] == stem]
    known = ", ".join(editions) or "không có · none"
    return [f"type: {kind} không biết · not known; các bản đã biết · known editions: {known}"]


def _expected(body: bytes) -> dict[str, str]:
    """Return what the contract wants of each field that does not fit, where the type is known."""
    try:
        said = orjson.loads(body)
        cloud_event(CATALOGUE[said["type"]]).model_validate(said)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_input=False, include_context=False)
        return {".".join(map(str, one["loc"])): one["msg"] for one in listed}
    except (ValueError, KeyError, TypeError):
        return {}
    return {}


def _because(expected: dict[str, str], fault: str) -> str:
    message = expected.get(fault.rpartition(":")[0])
    return f" — {message}" if message else ""


def with_fields(body: bytes, changes: Sequence[str]) -> str:
    """Return a body with fields set, each as `data.field=value` with a JSON value; a number names a place in a list."""
    try:
        said = orjson.loads(body)
    except ValueError:
        raise Fault("Không phải JSON, hãy dùng --file · This is no JSON: use --file") from None
    for change in changes:
        path, equals, written = change.partition("=")
        try:
            value = orjson.loads(written)
        except ValueError:
            value, equals = None, ""
        if not equals:
            raise Fault(
                f"Giá trị phải là JSON · A value must be JSON: {plain(change)}",
                "--set data.blocks=2, --set 'data.name=\"A\"'",
            )
        _set(said, path, value)
    return orjson.dumps(said).decode()


def _set(said: Any, path: str, value: object) -> None:  # noqa: ANN401 (whatever JSON holds)
    *way, last = path.split(".")
    try:
        for step in way:
            said = said[int(step) if isinstance(said, list) else step]
        said[int(last) if isinstance(said, list) else last] = value
    except (KeyError, IndexError, TypeError, ValueError):
        raise Fault(f"Không có chỗ này · There is no such place: {plain(path)}") from None


def in_editor(event: UUID, body: bytes) -> str:
    """Let a person edit a body and return what they left; whoever refuses it then keeps it."""
    draft = keep(event, f"{readable(body)}\n")
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        ended = subprocess.run([*shlex.split(editor), str(draft)], check=False).returncode
        written = draft.read_text(errors="replace")
    except (OSError, ValueError) as error:
        draft.unlink(missing_ok=True)
        raise Fault(f"Không mở được trình soạn thảo · The editor does not open: {editor}", "--file, --set") from error
    if ended:
        raise Fault(f"Trình soạn thảo thoát với lỗi {ended} · The editor ended with {ended}", _kept(draft))
    draft.unlink(missing_ok=True)
    return written


def keep(event: UUID, text: str) -> Path:
    """Write a draft down where only its owner reads it."""
    number, name = tempfile.mkstemp(prefix=f"chungcu-{event}-", suffix=".json")
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return Path(name)


def refused(fault: Fault, event: UUID, text: str, given: Path | None) -> Fault:
    """Return a fault that also says where what was written is kept."""
    draft = given or keep(event, text)
    return Fault(fault.wrong, "\n".join(filter(None, (fault.remedy, _kept(draft)))))


def _kept(draft: Path) -> str:
    return f"Bản nháp còn ở · The draft is kept: chungcu parked edit … --file {draft}"


def checked(part: str, event: UUID, before: bytes, text: str) -> bytes:
    """Return the bytes of an edited body, or say why it cannot be stored: nothing that is stored fails to be read."""
    try:
        said = orjson.loads(text)
        after = orjson.dumps(said)
    except (ValueError, TypeError) as error:
        raise Fault(f"Không phải JSON · This is no JSON: {error}") from None
    if _same(before, said):
        raise Unchanged("Không có gì thay đổi · Nothing was changed")
    if len(after) > LARGEST_EVENT:
        raise Fault(f"Quá lớn · Too large: {len(after)} > {LARGEST_EVENT} bytes")
    wrong = faults(part, after)
    kept = identity(event, before)
    if isinstance(said, dict) and said.get("id") != kept:
        wrong.insert(0, f"id: phải giữ nguyên · must stay {kept}")
    if wrong:
        raise Fault("Chưa đúng hợp đồng · It does not fit its contract yet", "\n".join(map(plain, wrong)))
    return after


def identity(event: UUID, body: bytes) -> str:
    """Return the id an event must keep: the one in its body, or where there is none the one it was parked under."""
    try:
        said = str(orjson.loads(body)["id"])
        UUID(said)
    except (ValueError, KeyError, TypeError):
        return str(event)
    return said


def _same(before: bytes, said: object) -> bool:
    try:
        was = orjson.dumps(orjson.loads(before), option=orjson.OPT_SORT_KEYS)
    except (ValueError, TypeError):
        return False
    return was == orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
