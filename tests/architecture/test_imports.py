"""The direction of dependencies is kept, and we would notice if it were not: each contract is seen to fail once."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TREES = ("shared", "services", "ops", "benchmarks")
CONTRACTS = [
    one["name"] for one in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]

EDGES = """
import json
import grimp
graph = grimp.build_graph("services", "shared", cache_dir=None)
found = {one: sorted(graph.find_modules_directly_imported_by(one)) for one in sorted(graph.modules)}
print(json.dumps(found))
"""

BROKEN_BY = {
    "Every service has the same layers": ("services/boards/domain/board.py", "from services.boards import store"),
    "No service knows another": ("services/boards/store/heard.py", "import services.buildings.domain"),
    "The plumbing knows no service": ("shared/errors.py", "import ops.console"),
    "The plumbing has layers": ("shared/settings.py", "import shared.database"),
    "Contracts import pydantic alone": ("shared/events/boards.py", "import yaml"),
    "Only the plumbing touches the broker": ("services/reporting/store/journal.py", "import aio_pika"),
    "Deciding does nothing else": ("services/boards/domain/petition.py", "import random"),
}
"""For each contract, one line somewhere that it must object to, and no other contract may."""

MORE_BREACHES = {
    "a file name that the other services have not": (
        "services/boards/rules.py",
        '"""Rules."""',
        "Every service has the same layers",
    ),
    "a module of the plumbing without a place": ("shared/misc.py", '"""Things."""', "The plumbing has layers"),
    "a question that decides by asking a consumer": (
        "services/reporting/api/report.py",
        "from services.reporting import consumers",
        "Every service has the same layers",
    ),
    "a service known by way of the plumbing": (
        "shared/feed.py",
        "import services.reporting.domain",
        "The plumbing knows no service",
    ),
    "the settings known to the contracts": (
        "shared/events/base.py",
        "import shared.settings",
        "Contracts import pydantic alone",
    ),
    "a database in a decision about registers": (
        "shared/registers/domain.py",
        "import asyncpg",
        "Deciding does nothing else",
    ),
    "a clock in the law": ("shared/law/calendar.py", "import time", "Deciding does nothing else"),
    "a clock in a decision": ("services/notifications/domain/notice.py", "import time", "Deciding does nothing else"),
}


def lint(tree: Path) -> dict[str, str]:
    """Return the verdict on each contract."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", done.stdout, re.MULTILINE))
    assert verdicts.keys() == set(CONTRACTS), done.stdout + done.stderr
    assert (done.returncode == 0) == ("BROKEN" not in verdicts.values())
    return verdicts


def broken(tree: Path) -> list[str]:
    return [name for name, verdict in lint(tree).items() if verdict == "BROKEN"]


def imports(tree: Path) -> dict[str, list[str]]:
    """Return which module imports which."""
    done = subprocess.run(
        [sys.executable, "-c", EDGES], cwd=tree, capture_output=True, text=True, check=True, timeout=60
    )
    edges: dict[str, list[str]] = json.loads(done.stdout)
    return edges


def circles(edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the modules from which a way leads back to themselves."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        ahead = list(edges[start])
        while ahead:
            one = ahead.pop()
            if one not in seen:
                seen.add(one)
                ahead += edges[one]
        return seen

    return {one for one in edges if one in reached(one)}


def within(edges: Mapping[str, Iterable[str]], house: str) -> dict[str, list[str]]:
    """Return the part of the graph that lies in one package."""
    inside = {one for one in edges if f"{one}.".startswith(f"{house}.")}
    return {one: [other for other in edges[one] if other in inside] for one in inside}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copy what the contracts are about."""
    for name in TREES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add(tree: Path, file: str, line: str) -> None:
    with (tree / file).open("a") as opened:
        opened.write(f"\n{line}\n")


def test_every_contract_is_kept() -> None:
    assert broken(ROOT) == []


def test_a_copy_is_judged_like_the_original(tree: Path) -> None:
    assert broken(tree) == []


def test_every_contract_has_a_way_to_break_it() -> None:
    assert list(BROKEN_BY) == CONTRACTS


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_that_is_broken_objects_and_it_alone(contract: str, tree: Path) -> None:
    add(tree, *BROKEN_BY[contract])

    assert broken(tree) == [contract]


@pytest.mark.parametrize(("file", "line", "contract"), MORE_BREACHES.values(), ids=MORE_BREACHES)
def test_other_breaches_are_noticed_too(file: str, line: str, contract: str, tree: Path) -> None:
    add(tree, file, line)

    assert contract in broken(tree)


@pytest.mark.parametrize(
    "house", ["shared", "services.buildings", "services.boards", "services.notifications", "services.reporting"]
)
def test_no_imports_go_round_in_a_circle(house: str) -> None:
    edges = within(imports(ROOT), house)

    assert len(edges) > 10
    assert circles(edges) == set()


def test_a_circle_would_be_noticed(tree: Path) -> None:
    add(tree, "services/boards/store/heard.py", "from services.boards.store import petition")

    assert circles(within(imports(tree), "services.boards")) == {
        "services.boards.store.heard",
        "services.boards.store.petition",
    }
