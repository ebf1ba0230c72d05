"""Every no can be understood: in Vietnamese and English, under a code that means one thing."""

import importlib
import pkgutil
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from types import ModuleType

import pytest

import services
import shared
from shared.errors import Refused, problem

STATUSES = {401, 403, 404, 409, 410, 412, 413, 422, 503}


def modules(*packages: ModuleType) -> Iterator[str]:
    for package in packages:
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.endswith("__main__"):
                yield one.name


def kinds(of: type[Refused]) -> Iterator[type[Refused]]:
    for one in of.__subclasses__():
        yield one
        yield from kinds(one)


for module in modules(shared, services):
    importlib.import_module(module)
EVERY = [one for one in kinds(Refused) if one.__module__.startswith(("shared.", "services."))]


def is_vietnamese(text: str) -> bool:
    """Tell whether a text has a letter that English has not."""
    return any(unicodedata.normalize("NFD", letter) != letter or letter in "đĐ" for letter in text)


def test_the_walk_finds_them() -> None:
    assert len(EVERY) > 50
    assert {one.code() for one in EVERY} >= {"too-few-members", "unauthenticated", "key-used-for-another"}


@pytest.mark.parametrize("refused", EVERY, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_it_is_said_in_both_languages(refused: type[Refused]) -> None:
    vietnamese, english = refused.message("vi"), refused.message("en")

    assert "__doc__" in refused.__dict__
    assert vietnamese != english
    assert is_vietnamese(vietnamese)
    assert not is_vietnamese(english)
    assert vietnamese.endswith((".", ").")), vietnamese
    assert english.endswith((".", ").")), english


def test_a_code_means_one_thing() -> None:
    meanings: dict[str, set[tuple[str, str, int, int | None]]] = defaultdict(set)
    for one in EVERY:
        meanings[one.code()].add((one.message("vi"), one.message("en"), one.status, one.retry_after))

    assert {code: said for code, said in meanings.items() if len(said) > 1} == {}


@pytest.mark.parametrize("refused", EVERY, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_it_is_a_problem_a_client_can_act_on(refused: type[Refused]) -> None:
    described = problem(refused(pointer="/field", limit=3), "en")

    assert described == {
        "type": refused.code(),
        "title": refused.message("en"),
        "status": refused.status,
        "pointer": "/field",
        "limit": 3,
    }
    assert refused.status in STATUSES


def test_what_is_not_yet_known_asks_to_be_asked_again() -> None:
    assert {one.__name__ for one in EVERY if one.__name__.endswith("NotYetKnown")} <= {
        one.__name__ for one in EVERY if one.retry_after
    }
