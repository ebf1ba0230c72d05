"""Having learnt one service you know all four: the same files, handlers of four lines, SQL in one place."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(SERVICES)

ALWAYS = {"README.md", "__init__", "__main__", "api", "app", "consumers", "domain", "migrations", "store"}
SOMETIMES = {"gateways", "data", "entries", "templates", "indicators.yaml"}
"""Where the outside world is called; and data that lie beside the code."""
CALLS_OUTSIDE = {"notifications"}
FORBIDDEN = re.compile(r"(^|_)(utils?|helpers?|misc|common|manager)$")

LONGEST_HANDLER = 5
SQL = re.compile(
    r"\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|(CREATE|ALTER|DROP|TRUNCATE)\s+TABLE|ORDER\s+BY)"
)
RUNS_SQL = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "row", "value"}


def parts(service: Path) -> set[str]:
    """Return what a service is made of: modules and packages alike by their names."""
    return {
        one.name.removesuffix(".py") if one.suffix == ".py" else one.name
        for one in service.iterdir()
        if one.name != "__pycache__"
    }


def sources(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob("*.py"))


def misnamed(*folders: Path) -> list[str]:
    """Return modules whose names say nothing."""
    return [
        file.name for file in sources(*folders) if FORBIDDEN.search(file.parent.name) or FORBIDDEN.search(file.stem)
    ]


# Four services, one shape.


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_the_files_that_all_have(name: str) -> None:
    found = parts(ROOT / "services" / name)

    assert ALWAYS - found == set()
    assert found - ALWAYS - SOMETIMES == set()
    assert ("gateways" in found) == (name in CALLS_OUTSIDE)


@pytest.mark.parametrize("name", NAMES)
def test_migrations_are_numbered_without_a_gap_and_say_what_they_are_for(name: str) -> None:
    folder = ROOT / "services" / name / "migrations"
    for files in (sorted(folder.glob("*.*")), sorted(folder.glob("restricted/*"))):
        assert [file.name[:4] for file in files] == [f"{nth:04}" for nth in range(1, len(files) + 1)]
        assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", file.name) for file in files)
        assert all(file.read_text().startswith("-- ") for file in files)


def test_no_module_is_called_for_what_it_is_not() -> None:
    assert misnamed(*(ROOT / one for one in ("shared", "services", "ops", "benchmarks"))) == []


@pytest.mark.parametrize("name", ["utils.py", "store/helpers.py", "date_utils.py", "helpers/board.py"])
def test_a_name_that_says_nothing_would_be_noticed(name: str, tmp_path: Path) -> None:
    file = tmp_path / "services" / "boards" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()

    assert misnamed(tmp_path) == [file.name]


@pytest.mark.parametrize("name", NAMES)
def test_one_word_follows_a_fact_to_its_reader(name: str) -> None:
    consumers = SERVICES[name].consumers

    for kind, handler in consumers._handlers.items():
        assert handler.__name__ == kind.split(".")[1], handler
        assert handler.__doc__, handler


def test_every_module_opens_with_one_sentence() -> None:
    for file in sources(ROOT / "shared", ROOT / "services", ROOT / "ops", ROOT / "benchmarks"):
        said = ast.get_docstring(ast.parse(file.read_text()))
        assert said, file
        assert said.splitlines()[0].rstrip("`").endswith("."), file


# Load, decide, save, tell.


def handlers(tree: ast.Module) -> list[ast.AsyncFunctionDef]:
    """Return the functions that are registered as commands, by decorator or by call."""
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef)]
    called = {
        argument.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Call) and is_command(one.func)
        for argument in one.args
        if isinstance(argument, ast.Name)
    }
    return [one for one in functions if one.name in called or any(map(is_command, one.decorator_list))]


def is_command(part: ast.expr) -> bool:
    return isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "command"


def awaited(statement: ast.stmt, package: str) -> str | None:
    """Return the name of the function of a package that a statement awaits, if it is one."""
    value = getattr(statement, "value", None)
    if not (isinstance(value, ast.Await) and isinstance(value.value, ast.Call)):
        return None
    called = ast.unparse(value.value.func)
    return called.rpartition(".")[2] if called.startswith(f"{package}.") else None


def fact(handler: ast.AsyncFunctionDef) -> str | None:
    """Return the word of the fact that a handler tells, where its annotation says so: `Told[BoardFormed]`."""
    told = re.fullmatch(r"Told\[(\w+)\]", ast.unparse(handler.returns) if handler.returns else "")
    if told is None or told[1] == "Any":
        return None
    return re.sub(r"(?<!^)(?=[A-Z])", "_", told[1]).lower()


def faults(handler: ast.AsyncFunctionDef) -> list[str]:
    """Return what keeps a handler from being load, decide, save, tell."""
    if ast.get_docstring(handler) is None:
        return ["no docstring"]
    body = handler.body[1:]
    if not 4 <= len(body) <= LONGEST_HANDLER:
        return [f"{len(body)} statements"]
    found = []
    if not (isinstance(body[0], ast.Assign) and awaited(body[0], "store")):
        found.append("does not load first")
    if not any("domain." in ast.unparse(one) for one in body[1:-1] if isinstance(one, ast.Assign)):
        found.append("does not decide")
    saved = [name for one in body[1:-1] if isinstance(one, ast.Expr) and (name := awaited(one, "store"))]
    if not saved or fact(handler) not in (None, saved[-1]):
        found.append("does not save under the word of its fact")
    if not (isinstance(body[-1], ast.Return) and awaited(body[-1], "event_log") == "append"):
        found.append("does not tell last")
    if any(
        isinstance(one, ast.If | ast.For | ast.While | ast.Try | ast.Match | ast.IfExp) for one in ast.walk(handler)
    ):
        found.append("has a rule of its own")
    return found


COMMANDS = [
    (f"{file.relative_to(ROOT)}:{handler.name}", handler)
    for file in [*sources(*(ROOT / "services" / name / "api" for name in NAMES)), ROOT / "shared/registers/api.py"]
    for handler in handlers(ast.parse(file.read_text()))
]


def test_every_command_is_found() -> None:
    declared = [
        (name, path)
        for name, service in SERVICES.items()
        for path, methods in service.application().openapi()["paths"].items()
        for described in [methods.get("post") or methods.get("put")]
        if described and "Tells `" in described["description"]
    ]
    registers = [name for name, _ in COMMANDS if name.startswith("shared/registers")]

    # The commands of registers are declared once and asked for in two services.
    assert len(declared) == len(COMMANDS) + len(registers)
    assert len(registers) == 3


def test_what_changes_something_and_tells_nothing_is_known_by_name() -> None:
    silent = {
        (name, path)
        for name, service in SERVICES.items()
        for path, methods in service.application().openapi()["paths"].items()
        for method, described in methods.items()
        if method != "get"
        and "Tells `" not in described["description"]
        # What is entered about people in confidence is recorded instead, and seen to below.
        and "Tells nothing in the open" not in described["description"]
    }

    assert silent == {("reporting", "/v1/tickets")}


@pytest.mark.parametrize("handler", [one for _, one in COMMANDS], ids=[name for name, _ in COMMANDS])
def test_a_command_is_load_decide_save_tell(handler: ast.AsyncFunctionDef) -> None:
    assert faults(handler) == []


def confidential(tree: ast.Module) -> list[ast.AsyncFunctionDef]:
    """Return the functions that are asked about people in confidence."""
    return [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.AsyncFunctionDef)
        and any(
            isinstance(by, ast.Call) and isinstance(by.func, ast.Attribute) and by.func.attr == "confidential"
            for by in one.decorator_list
        )
        and "/v1/people" in ast.unparse(one.decorator_list[0])
    ]


CONFIDENTIAL = confidential(ast.parse((ROOT / "services/boards/api/person.py").read_text()))


@pytest.mark.parametrize("handler", CONFIDENTIAL, ids=lambda handler: handler.name)
def test_whoever_looks_at_or_enters_a_persons_data_is_recorded(handler: ast.AsyncFunctionDef) -> None:
    assert "await store.access.recorded(" in ast.unparse(handler)


def test_confidential_questions_and_entries_are_found() -> None:
    assert {one.name for one in CONFIDENTIAL} == {
        "record_person",
        "record_tie",
        "end_tie",
        "withdraw_tie",
        "identity",
        "profile",
    }


GOOD = '''
@router.command("/v1/boards", needs="boards.write")
async def form_board(asked: FormBoard, tx: Deciding, who: By) -> Told[BoardFormed]:
    """Record that a new board has been recognised."""
    ground = await store.board.ground(tx, asked, who.scope)
    formed = domain.board.form(ground, asked)
    await store.board.board_formed(tx, formed)
    return await event_log.append(tx, formed, by=who)
'''

BAD = {
    "no docstring": ('    """Record that a new board has been recognised."""\n', ""),
    "3 statements": ("    formed = domain.board.form(ground, asked)\n", ""),
    "6 statements": ("    ground =", "    a = 1\n    b = 2\n    ground ="),
    "does not load first": ("await store.board.ground(tx, asked, who.scope)", "Ground(asked)"),
    "does not decide": ("domain.board.form(ground, asked)", "BoardFormed(asked)"),
    "does not save under the word of its fact": ("store.board.board_formed", "store.board.save"),
    "does not tell last": ("event_log.append", "event_log.append_found"),
    "has a rule of its own": ("(ground, asked)", "(ground, asked if ground else None)"),
}


def test_a_good_handler_is_found_and_good() -> None:
    (handler,) = handlers(ast.parse(GOOD))

    assert faults(handler) == []


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_handler_would_be_noticed(fault: str) -> None:
    before, after = BAD[fault]
    assert before in GOOD

    (handler,) = handlers(ast.parse(GOOD.replace(before, after)))

    assert faults(handler) == [fault]


# SQL in one place.


def sql(tree: ast.Module) -> list[str]:
    """Return the SQL in a module: texts that look like it outside docstrings, and calls that run some."""
    documentation = {
        id(one.body[0].value)
        for one in ast.walk(tree)
        if isinstance(one, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and one.body
        and isinstance(one.body[0], ast.Expr)
    }
    texts = [
        one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and id(one) not in documentation
        and SQL.search(one.value)
    ]
    calls = [
        ast.unparse(one.func)
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr in RUNS_SQL
        and ast.unparse(one.func.value).split(".")[0] in {"tx", "connection", "database", "pool"}
    ]
    return texts + calls


def outside_the_store() -> list[Path]:
    inside = [ROOT / "services" / name / "store" for name in NAMES] + [ROOT / "shared/registers/store.py"]
    places = [*sources(ROOT / "services", ROOT / "shared/registers", ROOT / "shared/events", ROOT / "shared/law")]
    return [file for file in places if not any(file.is_relative_to(one) for one in inside)]


@pytest.mark.parametrize("file", outside_the_store(), ids=lambda file: str(file.relative_to(ROOT)))
def test_there_is_no_sql_outside_the_store(file: Path) -> None:
    assert sql(ast.parse(file.read_text())) == []


def test_the_scanner_sees_the_sql_of_the_stores() -> None:
    for name in NAMES:
        found = [sql(ast.parse(file.read_text())) for file in sources(ROOT / "services" / name / "store")]
        assert sum(map(len, found)) > 5, name


@pytest.mark.parametrize(
    "line",
    [
        'async def a(tx): await tx.row("SELECT 1")',
        'Q = "UPDATE board SET closed = $1"',
        'Q = f"DELETE FROM {table}"',
        "async def a(tx): return await tx.value(store.QUESTION)",
    ],
)
def test_sql_elsewhere_would_be_noticed(line: str) -> None:
    assert sql(ast.parse(line))


def test_a_docstring_may_speak_of_sql() -> None:
    assert sql(ast.parse('"""What an indicator is: one SELECT of rows."""')) == []
