"""Numbers the places where a process can die, and kills it exactly there.

A place is every `await`, every `async for`, and the entering and the leaving of every `async with` of the relay and of
the batch. They are found in the source whenever it is loaded, so nothing here knows how many there are.
"""

import ast
import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Literal

from tests.chaos.points import guards

ROOT = Path(__file__).resolve().parents[3]
BUILT = (
    "shared/relay*",
    "shared/consumers*",
    "shared/topology*",
    "shared/event_log*",
    "services/reporting/store/journal*",
)
"""What the conveyor is made of: each a module or a package of them."""
WATCH = "__chaos__"
"""The name under which a rewritten module knows who counts its passings."""
TRACED = 3
"""Passings of each side that a trace tells of."""

Side = Literal["before", "after"]
SIDES: tuple[Side, Side] = ("before", "after")


@dataclass(frozen=True, slots=True)
class Point:
    """One place: its number within its module, in the order of the source."""

    module: str
    n: int
    line: int
    function: str
    kind: str

    def at(self, side: Side, passing: int = 1) -> str:
        """Return the address of one side of it, as `CHAOS_KILL_AT` takes it."""
        return f"{self.module}:{self.n}:{side}:{passing}"

    @classmethod
    def sides(cls, address: str) -> tuple[str, int, Side, int]:
        """Read an address: module, number, side, passing."""
        module, n, side, passing = address.split(":")
        assert side in SIDES
        return module, int(n), "before" if side == "before" else "after", int(passing)

    def __str__(self) -> str:
        """Return it as a person would look it up."""
        return f"{self.module}:{self.line} {self.function} ({self.kind} {self.n})"


def modules() -> list[str]:
    """Return the modules of the conveyor as they lie in the tree now."""
    files = sorted(
        {
            inside
            for pattern in BUILT
            for found in ROOT.glob(pattern)
            for inside in (found.rglob("*.py") if found.is_dir() else [found])
            if inside.suffix == ".py"
        }
    )
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


def points(module: str) -> list[Point]:
    """List the places of a module, without importing it."""
    return numbered(module, source(module))


def source(module: str) -> str:
    """Return the source of a module, without importing it."""
    return _file(module).read_text()


def numbered(module: str, text: str) -> list[Point]:
    """List the places of a module, given as its source."""
    return _numbered(module, ast.parse(text))[0]


def _file(module: str) -> Path:
    plain = ROOT.joinpath(*module.split("."))
    return plain / "__init__.py" if plain.is_dir() else plain.with_suffix(".py")


Node = ast.Await | ast.AsyncFor | ast.comprehension | ast.withitem


def _numbered(module: str, tree: ast.Module) -> tuple[list[Point], dict[ast.AST, int]]:
    """Number what waits in the order of the source; an `async with` has two numbers, to enter and to leave."""
    found: list[tuple[int, int, int, str, str, Node]] = []

    def look(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.Await):
            found.append((node.lineno, node.col_offset, 2, function, "await", node))
        elif isinstance(node, ast.AsyncFor):
            found.append((node.lineno, node.col_offset, 0, function, "async for", node))
        elif isinstance(node, ast.AsyncWith):
            for item in node.items:
                said = item.context_expr
                found.append((said.lineno, said.col_offset, 0, function, "enter", item))
                found.append((said.lineno, said.col_offset, 1, function, "leave", item))
        elif isinstance(node, ast.comprehension) and node.is_async:
            found.append((node.iter.lineno, node.iter.col_offset, 0, function, "async for", node))
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}".lstrip(".")
        for child in ast.iter_child_nodes(node):
            look(child, function)

    look(tree, "")
    found.sort(key=lambda one: one[:3])
    numbers: dict[ast.AST, int] = {}
    for n, (*_, node) in enumerate(found):
        numbers.setdefault(node, n)
    return [Point(module, n, line, of, kind) for n, (line, _, _, of, kind, _) in enumerate(found)], numbers


class _Rewriter(ast.NodeTransformer):
    """Puts the watch around whatever waits."""

    def __init__(self, numbers: Mapping[ast.AST, int]) -> None:
        self._numbers = numbers

    def _watched(self, node: ast.AST, how: str, waits: ast.expr, n: int) -> ast.expr:
        called = ast.Attribute(ast.Name(WATCH, ast.Load()), how, ast.Load())
        return ast.copy_location(ast.Call(called, [ast.Constant(n), waits], []), node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        n = self._numbers[node]
        self.generic_visit(node)
        node.value = self._watched(node.value, "before", node.value, n)
        return self._watched(node, "after", node, n)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        n = self._numbers[node]
        self.generic_visit(node)
        node.iter = self._watched(node.iter, "each", node.iter, n)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        n = self._numbers.get(node)
        self.generic_visit(node)
        if n is not None:
            node.iter = self._watched(node.iter, "each", node.iter, n)
        return node

    def visit_withitem(self, node: ast.withitem) -> ast.AST:
        n = self._numbers.get(node)
        self.generic_visit(node)
        if n is not None:
            node.context_expr = self._watched(node.context_expr, "around", node.context_expr, n)
        return node


class Watch:
    """Counts the passings of one module's places, and ends the process at the one that was named."""

    def __init__(self, module: str, kill_at: str = "", trace: str = "") -> None:
        """`kill_at` is an address of a place; `trace` is a file into which the first passings are written."""
        target, n, side, self._left = Point.sides(kill_at) if kill_at else ("", -1, SIDES[0], 0)
        self._target = (n, side) if target == module else None
        self._module = module
        self._trace = trace
        self._seen: Counter[tuple[int, Side]] = Counter()

    def _pass(self, n: int, side: Side) -> None:
        if self._trace and self._seen[n, side] < TRACED:
            self._seen[n, side] += 1
            with Path(self._trace).open("a") as file:
                file.write(f"{self._module}:{n}:{side}:{self._seen[n, side]}\n")
        if self._target == (n, side):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def before(self, n: int, waited_for: Any) -> Any:
        """Pass the near side: what is to be awaited is made, and not begun."""
        self._pass(n, "before")
        return waited_for

    def after(self, n: int, result: Any) -> Any:
        """Pass the far side: what was awaited has come."""
        self._pass(n, "after")
        return result

    async def each(self, n: int, things: Any) -> AsyncIterator[Any]:
        """Pass both sides of every step of an `async for`."""
        steps = aiter(things)
        while True:
            self._pass(n, "before")
            try:
                step = await anext(steps)
            except StopAsyncIteration:
                self._pass(n, "after")
                return
            self._pass(n, "after")
            yield step

    def around(self, n: int, entered: Any) -> "_Around":
        """Pass both sides of entering and of leaving an `async with`, however it is left."""
        return _Around(self, n, entered)


class Crash(BaseException):
    """The end of what runs, as if its process had been killed."""


class Countdown(Watch):
    """Crashes whatever it watches, of any number of modules, when they have passed so many sides in all."""

    def __init__(self) -> None:
        """Crash nothing before it is wound."""
        super().__init__("")
        self.wind(None)

    def wind(self, passings: int | None) -> None:
        """Begin anew; without a number it never comes to a crash."""
        self._passings = passings
        self.crashed = asyncio.Event()

    def _pass(self, n: int, side: Side) -> None:  # noqa: ARG002 (it counts, whichever it is)
        if self._passings is None:
            return
        self._passings -= 1
        # Once crashed, nothing goes on: whoever still runs crashes at its next place.
        if self._passings <= 0:
            self.crashed.set()
            raise Crash

    def before(self, n: int, waited_for: Any) -> Any:
        """Pass the near side; what will never be awaited is put away."""
        try:
            return super().before(n, waited_for)
        except Crash:
            if asyncio.iscoroutine(waited_for):
                waited_for.close()
            raise


class _Around:
    def __init__(self, watch: Watch, n: int, entered: Any) -> None:
        self._watch, self._n, self._entered = watch, n, entered

    async def __aenter__(self) -> Any:
        self._watch.before(self._n, None)
        return self._watch.after(self._n, await type(self._entered).__aenter__(self._entered))

    async def __aexit__(self, *error: object) -> Any:
        self._watch.before(self._n + 1, None)
        return self._watch.after(self._n + 1, await type(self._entered).__aexit__(self._entered, *error))


class Loader(SourceFileLoader):
    """Loads a module from its source, broken or watched; never from, nor into, the cache of compiled ones."""

    def __init__(self, module: str, path: str, watch: Watch | None, broken: Sequence[guards.Guard] = ()) -> None:
        """`watch` gets the passings; `broken` are guards that are taken out of the source."""
        super().__init__(module, path)
        self._watch = watch
        self._broken = broken

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of what the source says now, changed."""
        text = Path(self.path).read_text()
        for guard in self._broken:
            text = guard.taken_out(text)
        tree = ast.parse(text, self.path)
        if self._watch is not None:
            tree = _Rewriter(_numbered(fullname, tree)[1]).visit(tree)
            ast.fix_missing_locations(tree)
        return compile(tree, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module; it knows its watch before its first line."""
        module.__dict__[WATCH] = self._watch
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds modules to be watched or broken before anybody else does."""

    def __init__(self, watches: Mapping[str, Watch], broken: Sequence[guards.Guard]) -> None:
        self._watches = watches
        self._broken = broken

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        watch, broken = self._watches.get(fullname), [one for one in self._broken if one.module == fullname]
        if watch is None and not broken:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = Loader(fullname, spec.origin, watch, broken)
        return spec


def install(environment: Mapping[str, str]) -> None:
    """Watch and break, from the next import on, what the environment names."""
    kill_at, trace = environment.get("CHAOS_KILL_AT", ""), environment.get("CHAOS_TRACE", "")
    broken = [guards.GUARDS[name] for name in environment.get("CHAOS_BREAK", "").split()]
    watched = modules() if trace else [kill_at.partition(":")[0]] if kill_at else []
    sys.meta_path.insert(0, _Finder({module: Watch(module, kill_at, trace) for module in watched}, broken))


def copy_of(module: str, watch: Watch | None = None, without: Sequence[guards.Guard] = ()) -> Any:
    """Return a copy of a module, watched, and without those of the guards that are its own."""
    path = str(_file(module))
    broken = [guard for guard in without if guard.module == module]
    spec = spec_from_file_location(module, path, loader=Loader(module, path, watch, broken))
    assert spec is not None
    assert spec.loader is not None
    copied = module_from_spec(spec)
    spec.loader.exec_module(copied)
    return copied


def listed() -> Iterator[Point]:
    """List every place of the conveyor."""
    for module in modules():
        yield from points(module)


def main() -> None:
    """Print every place, one a line."""
    for point in listed():
        print(point)  # noqa: T201 (asked for)


if __name__ == "__main__":
    main()
