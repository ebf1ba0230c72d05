"""Refusals, pages, tokens, log lines and batches: what the plumbing promises without a server."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from fastapi import Request, Response
from pydantic import BaseModel

from shared import telemetry
from shared.auth import ALGORITHMS, DEVELOPMENT_KEY, PERMISSIONS, RESTRICTED, Gate, Identity, Unauthenticated
from shared.consumers.batching import BUSY, LARGEST, Batcher
from shared.database import columns, is_transient
from shared.errors import Malformed, Refused, problem
from shared.http.paging import after, page
from shared.http.problems import language
from shared.seal import Broken, NoMasterKey, Seal
from shared.settings import Environment, Settings
from shared.telemetry import LATELY, Metrics
from tests.conftest import Keys
from tests.examples import board_formed, told

# Refusals.


class TooManyLifts(Refused):
    """Quá nhiều thang máy.

    There are
    too many lifts.
    """

    status = 422


def test_a_class_is_its_code_and_its_docstring_the_message() -> None:
    described = problem(TooManyLifts(pointer="/lift", needed=1), "en")

    assert described == {
        "type": "too-many-lifts",
        "title": "There are too many lifts.",
        "status": 422,
        "pointer": "/lift",
        "needed": 1,
    }
    assert problem(TooManyLifts(), "vi")["title"] == "Quá nhiều thang máy."
    assert "pointer" not in problem(TooManyLifts(), "vi")


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("service", 80),
            "path": "/v1/things",
            "query_string": b"ward=W1",
            "headers": raw,
        }
    )


@pytest.mark.parametrize(
    ("accepted", "answered"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,de", "vi"),
        ("en;q=0.5,vi;q=0.8", "vi"),
        ("vi;q=0.2,en;q=0.9", "en"),
        ("fr;q=1,en;q=0.1", "en"),
        ("*", "vi"),
    ],
)
def test_vietnamese_is_answered_unless_english_is_preferred(accepted: str, answered: str) -> None:
    assert language(request(accept_language=accepted)) == answered


# Pages.


class Thing(BaseModel):
    id: int


THINGS = [Thing(id=nth) for nth in range(1, 5)]


def test_a_page_is_followed_by_its_cursor() -> None:
    response = Response()

    first = page(THINGS, 3, "id", request(), response)

    assert first.items == THINGS[:3]
    assert after(first.next, int) == 3
    assert response.headers["Link"] == f'<http://service/v1/things?ward=W1&cursor={first.next}>; rel="next"'


def test_the_last_page_has_no_next() -> None:
    response = Response()

    last = page(THINGS, 4, "id", request(), response)

    assert (last.items, last.next) == (THINGS, None)
    assert "Link" not in response.headers


def test_a_list_begins_without_a_cursor() -> None:
    assert after(None, int) is None


@pytest.mark.parametrize("cursor", ["!", "é", base64.urlsafe_b64encode(b"not a number").decode(), "A", "____"])
def test_a_cursor_that_is_none_is_malformed(cursor: str) -> None:
    with pytest.raises(Malformed) as refused:
        after(cursor, int)

    assert refused.value.pointer == "/cursor"


# Tokens.


@pytest.fixture
def gate(keys: Keys) -> Gate:
    return Gate(Settings(env=Environment.DEVELOPMENT, jwks=str(keys.file)))


def test_a_token_says_who_may_do_what_and_where(gate: Gate, keys: Keys) -> None:
    token = keys.token("HN.Q004", "HN.Q009", permissions=("boards.read",), actor="officer-1")

    assert gate.identify(token) == Identity("officer-1", frozenset({"boards.read"}), ("HN.Q004", "HN.Q009"))


def test_a_token_without_units_sees_nothing(gate: Gate, keys: Keys) -> None:
    assert gate.identify(keys.token(units=None, permissions=())).units == ()


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"iss": "another"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"kid": "unknown"},
        {"nbf": 4102444800},
    ],
    ids=str,
)
def test_a_token_with_a_fault_is_none(gate: Gate, keys: Keys, claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        gate.identify(keys.token(**claims))


def test_clocks_may_differ_by_half_a_minute(gate: Gate, keys: Keys) -> None:
    assert gate.identify(keys.token(exp=int(time.time()) - 20))
    with pytest.raises(Unauthenticated):
        gate.identify(keys.token(exp=int(time.time()) - 40))


def test_an_unsigned_or_altered_token_is_none(gate: Gate, keys: Keys) -> None:
    head, body, signature = keys.token().split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": DEVELOPMENT_KEY}).encode()).rstrip(b"=").decode()
    symmetric = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"development"}').rstrip(b"=").decode()

    assert gate.identify(f"{head}.{body}.{signature}")
    for forged in (f"{none}.{body}.", f"{symmetric}.{body}.{signature}", f"{head}.{body}x.{signature}", "", "a.b.c"):
        with pytest.raises(Unauthenticated):
            gate.identify(forged)


def test_production_refuses_the_development_key(keys: Keys) -> None:
    gate = Gate(Settings(env=Environment.PRODUCTION, jwks=str(keys.file)))

    with pytest.raises(Unauthenticated):
        gate.identify(keys.token())


def test_another_key_of_the_same_name_is_refused(keys: Keys, gate: Gate, tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated):
        gate.identify(Keys(tmp_path).token())


def test_symmetric_keys_sign_nothing_and_restricted_permissions_are_permissions() -> None:
    assert not any(one.startswith("HS") or one == "none" for one in ALGORITHMS)
    assert PERMISSIONS.keys() >= RESTRICTED


# Log lines.

NAME, PHONE = "Nguyễn Văn Minh Họa", "0999 000 000"


Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], Read]]:
    """Log as a service does, from when it is called; the answer reads the lines."""
    before = structlog.get_config()

    def begin() -> Read:
        telemetry.configure("boards", "test")
        return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield begin
    structlog.contextvars.clear_contextvars()
    structlog.configure(**before)
    logging.getLogger().handlers.clear()


def test_known_keys_are_logged(logged: Callable[[], Read]) -> None:
    lines = logged()
    telemetry.log.info("request", method="GET", path="/v1/boards/{board_id}", status=200, ms=1.5)

    (line,) = lines()
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"], line["ms"]) == ("GET", "/v1/boards/{board_id}", 200, 1.5)
    assert (line["service"], line["instance"], line["level"]) == ("boards", "test", "info")


@pytest.mark.parametrize(
    "given",
    [
        {"person": NAME},
        {"phone": PHONE},
        {"body": {"name": NAME}},
        {"subject": {"name": NAME}},
        {"error": [NAME]},
        {"exc_info": ValueError(NAME)},
    ],
    ids=str,
)
def test_people_are_not_logged(logged: Callable[[], Read], given: dict[str, Any]) -> None:
    lines = logged()
    telemetry.log.warning("something happened", **given)

    said = json.dumps(lines(), ensure_ascii=False)
    assert NAME not in said
    assert PHONE not in said


def test_of_an_error_the_class_and_the_place_are_logged(logged: Callable[[], Read]) -> None:
    lines = logged()

    def fail() -> None:
        raise ValueError(NAME)

    try:
        fail()
    except ValueError as error:
        telemetry.log.error("unexpected error", exc_info=error)

    (line,) = lines()
    assert line["error"] == "ValueError"
    assert line["trace"].startswith("fail:")


def test_a_long_value_is_cut(logged: Callable[[], Read]) -> None:
    lines = logged()
    telemetry.log.info("request", path="/" + "a" * 1000)

    assert len(lines()[0]["path"]) == telemetry.LONGEST + 1


def test_of_a_library_the_place_is_logged_and_not_its_words(logged: Callable[[], Read]) -> None:
    lines = logged()
    logging.getLogger("asyncio").error("cannot write %s", NAME)

    (line,) = lines()
    assert (line["event"], line["name"], line["level"]) == ("library message", "asyncio", "error")
    assert NAME not in json.dumps(line, ensure_ascii=False)


# Faults of the moment.


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (asyncpg.DeadlockDetectedError("x"), True),
        (asyncpg.SerializationError("x"), True),
        (asyncpg.ConnectionDoesNotExistError("x"), True),
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.TooManyConnectionsError("x"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"), False),
        (ConnectionRefusedError(), True),
        (asyncpg.DataError("x"), False),
        (asyncpg.UniqueViolationError("x"), False),
        (asyncpg.exceptions.DataError("x"), False),
        (asyncpg.UndefinedTableError("x"), False),
        (ValueError(), False),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_fault_of_the_moment_is_known_from_one_that_stays(error: Exception, *, transient: bool) -> None:
    assert is_transient(error) is transient


def test_columns_are_looked_up_on_the_envelope_and_then_on_the_fact() -> None:
    one = told(board_formed(), 2)

    assert columns([one], "version", "term_to", "on") == [[2], [one.event.term_to], [one.on]]
    assert columns([], "version", "on") == [[], []]


# Sealing.


def test_what_is_sealed_opens_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(base64.b64encode(b"k" * 32).decode())
    seal = Seal(file)
    wrapped = seal.new_key("person")

    sealed = seal.close(wrapped, "person", NAME.encode())

    assert NAME.encode() not in sealed
    assert seal.open(wrapped, "person", sealed) == NAME.encode()
    for owner, key, thing in (
        ("other", wrapped, sealed),
        ("person", seal.new_key("person"), sealed),
        ("person", wrapped, sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(Broken):
            seal.open(key, owner, thing)


def test_without_the_master_key_nothing_is_sealed(tmp_path: Path) -> None:
    for file in (None, tmp_path / "absent"):
        with pytest.raises(NoMasterKey):
            Seal(file)


# Batches.


@dataclass(eq=False)
class Wire:
    """A channel that writes down what was acknowledged."""

    acknowledged: list[int] = field(default_factory=list)
    closed: bool = False

    async def basic_ack(self, delivery_tag: int, multiple: bool = False, wait: bool = True) -> None:  # noqa: ARG002, FBT002
        assert multiple
        if self.closed:
            raise ConnectionResetError
        self.acknowledged.append(delivery_tag)


@dataclass
class Work:
    """What a batcher applies; it fails as often as it is told to."""

    batches: list[list[str]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    begun: int = 0

    async def apply(self, things: Sequence[str]) -> None:
        self.begun += 1
        await asyncio.sleep(0.01)
        if self.failures:
            raise self.failures.pop(0)
        self.batches.append(list(things))


@pytest.fixture
async def work() -> Any:
    done = Work()
    batcher: Batcher[str] = Batcher(done.apply)
    running = asyncio.create_task(batcher.run())
    yield done, batcher
    batcher.stop()
    await asyncio.wait_for(running, 1)


def hand_in(batcher: Batcher[str], wire: Wire, *tags: int) -> None:
    for tag in tags:
        batcher.put(wire, tag, f"m{tag}")


async def acknowledged(wire: Wire, *tags: int) -> None:
    async with asyncio.timeout(2):
        while wire.acknowledged != list(tags):
            await asyncio.sleep(0.005)


async def test_what_comes_together_is_one_batch_and_one_acknowledgement(work: Any) -> None:
    done, batcher = work
    wire = Wire()

    hand_in(batcher, wire, 1, 2, 3)

    await acknowledged(wire, 3)
    assert done.batches == [["m1", "m2", "m3"]]


async def test_an_acknowledgement_never_passes_a_delivery_still_missing(work: Any) -> None:
    done, batcher = work
    wire = Wire()

    hand_in(batcher, wire, 1, 3)
    await acknowledged(wire, 1)
    await asyncio.sleep(0.05)
    assert wire.acknowledged == [1]
    hand_in(batcher, wire, 2)

    await acknowledged(wire, 1, 3)
    assert done.batches == [["m1"], ["m2", "m3"]]


async def test_a_batch_has_a_largest_size(work: Any) -> None:
    done, batcher = work
    wire = Wire()

    hand_in(batcher, wire, *range(1, LARGEST + 11))

    await acknowledged(wire, LARGEST, LARGEST + 10)
    assert [len(batch) for batch in done.batches] == [LARGEST, 10]


async def test_after_a_busy_batch_what_trickles_in_is_gathered(work: Any) -> None:
    done, batcher = work
    wire = Wire()
    hand_in(batcher, wire, *range(1, BUSY + 1))
    await acknowledged(wire, BUSY)

    for tag in range(BUSY + 1, BUSY + 4):
        hand_in(batcher, wire, tag)
        await asyncio.sleep(0)

    await acknowledged(wire, BUSY, BUSY + 3)
    assert [len(batch) for batch in done.batches] == [BUSY, 3]


async def test_on_a_new_channel_tags_begin_again_and_the_old_ones_are_let_go(work: Any) -> None:
    done, batcher = work
    old, new = Wire(), Wire()
    hand_in(batcher, old, 1, 2)
    await acknowledged(old, 2)

    hand_in(batcher, old, 4)
    hand_in(batcher, new, 1, 2)

    await acknowledged(new, 2)
    assert done.batches == [["m1", "m2"], ["m1", "m2"]]
    assert old.acknowledged == [2]


async def test_what_still_comes_from_a_channel_that_is_gone_is_let_go(work: Any) -> None:
    done, batcher = work
    old, new = Wire(), Wire()

    hand_in(batcher, old, 1)
    hand_in(batcher, new, 1)
    hand_in(batcher, old, 2)
    hand_in(batcher, new, 2)

    await acknowledged(new, 2)
    assert (done.batches, old.acknowledged) == ([["m1", "m2"]], [])


async def test_what_was_applied_while_its_channel_went_is_not_acknowledged_on_the_next(work: Any) -> None:
    done, batcher = work
    old, new = Wire(), Wire()
    hand_in(batcher, old, 1, 2, 3)
    while not done.begun:
        await asyncio.sleep(0)

    hand_in(batcher, new, 1)

    await acknowledged(new, 1)
    assert done.batches == [["m1", "m2", "m3"], ["m1"]]
    assert old.acknowledged == []


async def test_while_the_database_is_away_messages_wait_unacknowledged(work: Any) -> None:
    done, batcher = work
    done.failures = [asyncpg.ConnectionDoesNotExistError("gone"), OSError()]
    wire = Wire()

    hand_in(batcher, wire, 1)
    await asyncio.sleep(0.05)
    assert wire.acknowledged == []

    await acknowledged(wire, 1)
    assert done.batches == [["m1"]]


async def test_a_batch_says_how_long_it_has_been_in_work(work: Any) -> None:
    done, batcher = work
    wire = Wire()
    assert batcher.busy_for == 0

    hand_in(batcher, wire, 1)
    while not done.begun:
        await asyncio.sleep(0)
    meanwhile = batcher.busy_for
    await acknowledged(wire, 1)

    assert meanwhile > 0
    assert batcher.busy_for == 0


async def test_a_channel_that_is_gone_does_not_stop_the_batches(work: Any) -> None:
    done, batcher = work
    gone, new = Wire(closed=True), Wire()

    hand_in(batcher, gone, 1)
    while not done.batches:
        await asyncio.sleep(0)
    hand_in(batcher, new, 1)

    await acknowledged(new, 1)
    assert (len(done.batches), gone.acknowledged) == (2, [])


async def test_after_the_stop_nothing_more_is_taken(work: Any) -> None:
    done, batcher = work
    wire = Wire()
    batcher.stop()

    hand_in(batcher, wire, 1)
    await asyncio.sleep(0.05)

    assert (done.batches, wire.acknowledged) == ([], [])


def test_who_was_answered_a_moment_ago_is_expected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = Metrics()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)

    assert not metrics.answering.lately
    with metrics.answering:
        assert metrics.answering.lately
        assert metrics.registry.get_sample_value("chungcu_requests_in_progress") == 1
    assert metrics.registry.get_sample_value("chungcu_requests_in_progress") == 0
    assert metrics.answering.lately
    now += LATELY
    assert not metrics.answering.lately
