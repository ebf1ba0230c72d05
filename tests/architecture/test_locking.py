"""Whatever tells a fact locks its subjects before its transaction writes: read in the source, whoever wrote it."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest

from tests.architecture.test_shape import ROOT, sources

ASKS = {"fetch", "row", "value", "execute", "fetchrow", "fetchval", "executemany"}
TAKES_AN_ID = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY|LOCK|CREATE|ALTER|DROP|nextval|setval|pg_current_xact_id|txid_current"
    r"|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE)\b",
    re.IGNORECASE,
)
"""What gives a transaction its id, or waits for a row as a writer does."""
UNREADABLE = "what only the running code knows"
KEEPS_THE_LOG = ("shared/event_log.py", "shared/relay/", "shared/migrations/0001_plumbing.sql")

Step = tuple[str, str]
"""What a function does next: `begin` a transaction, `ask` the database, `lock`, or `tell`."""


def steps(function: Any, seen: frozenset[str] = frozenset()) -> Iterator[Step]:
    """Walk through what a function awaits, in order, and through our own functions that it awaits."""
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    yield from _steps(tree, vars(inspect.getmodule(function)), seen | {name})


def _steps(node: ast.AST, known: dict[str, Any], seen: frozenset[str]) -> Iterator[Step]:
    for child in ast.iter_child_nodes(node):
        yield from _steps(child, known, seen)
    if not isinstance(node, ast.Call):
        return
    called = ast.unparse(node.func)
    word = called.rpartition(".")[2]
    if called in {"event_log.lock", "event_log.append", "event_log.append_found"}:
        yield ("lock" if word == "lock" else "tell", called)
    elif word == "transaction":
        yield ("begin", called)
    elif word in ASKS and isinstance(node.func, ast.Attribute):
        yield ("ask", _text(node.args[0], known) if node.args else "")
    elif isinstance(ours := _resolved(called, known), FunctionType):
        yield from steps(ours, seen)


def _text(said: ast.expr, known: dict[str, Any]) -> str:
    """Return the words of a statement, also of one that has a name or is put together."""
    if isinstance(said, ast.Name):
        return str(known.get(said.id, UNREADABLE))
    return " ".join(one.value for one in ast.walk(said) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _resolved(called: str, known: dict[str, Any]) -> Any:
    """Return our own coroutine that a call is of, if it is one."""
    first, *rest = called.split(".")
    found = known.get(first)
    for part in rest:
        found = getattr(found, part, None)
    found = inspect.unwrap(found) if callable(found) else None
    ours = inspect.iscoroutinefunction(found) and found.__module__.startswith(("services.", "shared.registers"))
    return found if ours else None


def faults(walked: Iterator[Step]) -> list[str]:
    """Return what breaks the rule: a fact told without a lock, or something before the lock that takes an id."""
    found, locked, asked = [], False, list[str]()
    for what, words in walked:
        if what == "begin":
            locked, asked = False, []
        elif what == "ask":
            asked.append(words)
        elif what == "lock":
            found += [
                f"before the lock: {' '.join(one.split())[:80]}"
                for one in asked
                if one == UNREADABLE or TAKES_AN_ID.search(one)
            ]
            locked, asked = True, []
        elif not locked:
            found.append("tells without a lock")
    return found


def modules() -> Iterator[ModuleType]:
    """Import whatever is asked or hears, in every service."""
    for package in ("api", "consumers"):
        for service in sorted(one.name for one in (ROOT / "services").iterdir() if (one / "api").exists()):
            module = importlib.import_module(f"services.{service}.{package}")
            yield module
            for inside in pkgutil.iter_modules(getattr(module, "__path__", [])):
                yield importlib.import_module(f"{module.__name__}.{inside.name}")


def tellers() -> dict[str, Any]:
    """Return the functions that end in telling something."""
    found = {}
    for module in modules():
        for one in vars(module).values():
            own = inspect.iscoroutinefunction(one) and one.__module__ == module.__name__
            if own and any(what == "tell" for what, _ in steps(one)):
                found[f"{module.__name__}.{one.__qualname__}"] = one
    return found


def registers() -> str:
    """Return the source of the commands that two services share."""
    return (ROOT / "shared/registers/api.py").read_text()


TELLERS = tellers()


def test_those_who_tell_are_found() -> None:
    written = sum(
        file.read_text().count("event_log.append")
        for file in sources(ROOT / "services")
        if "/api/" in str(file) or "consumers" in str(file)
    )

    assert len(TELLERS) >= written > 50


@pytest.mark.parametrize("name", TELLERS)
def test_subjects_are_locked_before_anything_is_written(name: str) -> None:
    assert faults(steps(TELLERS[name])) == []


def test_the_commands_of_registers_lock_first_too() -> None:
    api = importlib.import_module("shared.registers.api")
    commands = [
        one
        for one in ast.walk(ast.parse(registers()))
        if isinstance(one, ast.AsyncFunctionDef) and "event_log.append" in ast.unparse(one)
    ]

    assert len(commands) == 3
    assert [faults(_steps(one, vars(api), frozenset())) for one in commands] == [[], [], []]


CARELESS = {
    "await tx.execute('INSERT INTO board VALUES (1)')\nawait event_log.lock(tx, 1)": ["before the lock: INSERT"],
    "await tx.value('SELECT id FROM board FOR UPDATE')\nawait event_log.lock(tx, 1)": ["before the lock: SELECT"],
    "await tx.value(f'SELECT {x} FROM b FOR NO KEY UPDATE')\nawait event_log.lock(tx, 1)": ["before the lock: "],
    "await tx.value(SQL)\nawait event_log.lock(tx, 1)": ["before the lock: UPDATE"],
    "sql = 'SELECT 1'\nawait tx.value(sql)\nawait event_log.lock(tx, 1)": [f"before the lock: {UNREADABLE}"],
    "await save(tx)\nawait event_log.lock(tx, 1)": ["before the lock: INSERT"],
    "await event_log.append(tx, 1)": ["tells without a lock"],
    "async with database.transaction() as tx:\n    await event_log.lock(tx, 1)\n"
    "async with database.transaction() as tx:\n    await event_log.append(tx, 1)": ["tells without a lock"],
    "await tx.value('SELECT updated FROM board')\nawait event_log.lock(tx, 1)\nawait event_log.append(tx, 1)": [],
}


@pytest.mark.parametrize("careless", CARELESS)
def test_a_careless_command_is_found(careless: str) -> None:
    from services.boards.store.petition import petition_filed  # noqa: PLC0415 (somebody who writes)

    found = faults(_steps(ast.parse(careless), {"SQL": "UPDATE board", "save": petition_filed}, frozenset()))

    assert len(found) == len(CARELESS[careless])
    assert all(one.startswith(said) for one, said in zip(found, CARELESS[careless], strict=True))


def test_nobody_else_writes_into_the_log() -> None:
    writes = re.compile(r"(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|COPY|ALTER\s+TABLE)\s+(event_log|log_order)\b")
    everywhere = [file for room in ("services", "shared", "ops") for file in (ROOT / room).rglob("*")]
    writers = {
        str(file.relative_to(ROOT))
        for file in everywhere
        if file.suffix in {".py", ".sql"} and writes.search(file.read_text())
    }

    assert "shared/event_log.py" in writers
    assert [one for one in writers if not one.startswith(KEEPS_THE_LOG)] == []
