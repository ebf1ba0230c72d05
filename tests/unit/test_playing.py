"""A story's templates become commands, and the player is patient with what passes and honest about what does not."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ops import review
from ops.client import Client, Declined
from ops.running import Running
from ops.stories import Step, Story, StoryError, load, story
from ops.stories.player import Outcome, play


def steps(told: Story) -> list[Step]:
    return [step for phase in told.phases for step in told.steps(phase)]


# The language of stories.


def write(
    folder: Path,
    path: str = "/v1/things/id:{thing}",
    table: str = "thing,count,note\na,1,\nb,2,x y\n",
    method: str = "POST",
) -> Story:
    folder.mkdir()
    (folder / "things.csv").write_text(table)
    (folder / "parts.csv").write_text("thing,part\na,p\na,q\nb,r\n")
    (folder / "story.yaml").write_text(
        f"""
        title: {{vi: Thử, en: Trial}}
        synthetic: {{vi: Tổng hợp, en: Synthetic}}
        source: {{vi: Không có, en: None}}
        assumed: []
        report: {{code: trial, unit: Q004, from: 2021-09-30, to: 2022-12-01}}
        phases:
          - name: things
            title: {{vi: Đồ vật, en: Things}}
            service: things
            method: {method}
            path: {path}
            table: things.csv
            key: "{{thing}}"
            body:
              count: int:{{count}}
              note: text?:{{note}}
              words: words:{{note}}
              day: 2021-09-30
              parts: {{each: parts.csv, where: {{thing: "{{thing}}"}}, as: {{part: "id:{{part}}"}}}}
        """
    )
    return load(folder)


def test_a_template_becomes_a_value_of_its_kind(tmp_path: Path) -> None:
    trial = write(tmp_path / "trial")

    first, second = steps(trial)

    assert first.path == f"/v1/things/{trial.id('a')}"
    assert first.body["count"] == 1
    assert first.body["note"] is None
    assert second.body["note"] == "x y"
    assert (first.body["words"], second.body["words"]) == ([], ["x", "y"])
    assert first.body["day"] == "2021-09-30"
    assert first.body["parts"] == [{"part": str(trial.id("p"))}, {"part": str(trial.id("q"))}]


def test_a_column_that_is_not_there_is_named_with_its_row(tmp_path: Path) -> None:
    trial = write(tmp_path / "trial", path="/v1/things/{colour}")

    with pytest.raises(StoryError, match=r"phase things, row 1 of things\.csv.*colour"):
        steps(trial)


def test_two_rows_with_one_key_are_refused(tmp_path: Path) -> None:
    trial = write(tmp_path / "trial", table="thing,count,note\na,1,\na,2,x\n")

    with pytest.raises(StoryError, match="share the key"):
        steps(trial)


def test_a_story_that_does_not_exist_is_named_beside_those_that_do() -> None:
    with pytest.raises(StoryError, match=r"no-such-story.*long_bien_2022"):
        story("no-such-story")


# The player, against a real server.


@dataclass
class Reply:
    """What the server answers once."""

    status: int
    code: str = ""
    retry_after: int | None = None
    says: str | None = "Chungcu-Position"


@dataclass
class Heard:
    """What the server was asked, in order, and how it answers each time a path is asked again."""

    replies: Callable[[str, int], Reply]
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    queries: list[dict[str, list[str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def times(self, path: str) -> int:
        return sum(asked == path for _, asked, _ in self.asked)


def handler(heard: Heard) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            address = urlsplit(self.path)
            with heard.lock:
                heard.asked.append((self.command, address.path, self.headers.get("idempotency-key", "")))
                heard.queries.append(parse_qs(address.query))
                reply = heard.replies(address.path, heard.times(address.path))
            good = reply.status < 400
            said = json.dumps({} if good else {"type": reply.code, "title": "Không được", "status": reply.status})
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(said.encode())))
            self.send_header("Content-Type", "application/json" if good else "application/problem+json")
            if reply.retry_after is not None:
                self.send_header("Retry-After", str(reply.retry_after))
            if good and reply.says:
                self.send_header(reply.says, f"position-of-{address.path.rpartition('/')[2]}")
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST = do_PUT = answer  # noqa: N815 (the names http.server calls)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def served(replies: Callable[[str, int], Reply], port: int = 0, after: float = 0.0) -> Iterator[tuple[Heard, int]]:
    heard = Heard(replies)
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(heard), bind_and_activate=False)
    server.server_bind()

    def listen() -> None:
        time.sleep(after)
        server.server_activate()
        server.serve_forever(poll_interval=0.01)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield heard, server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setenv("CHUNGCU_TOKEN", "a-token-for-a-test")
    return write(tmp_path / "trial")


def running(port: int) -> Running:
    url = f"http://127.0.0.1:{port}"
    return Running(urls={"things": url, "reporting": url}, secrets=Path("nowhere"))


def perform(trial: Story, port: int, patience: float = 5.0) -> Outcome:
    return asyncio.run(play(trial, running(port), patience=patience))


def always(_: str, __: int) -> Reply:
    return Reply(201)


def problems(outcome: Outcome) -> list[str]:
    return [failure.problem.code for failure in outcome.failed]


def test_a_story_is_played_and_reporting_asked_until_it_has_heard(trial: Story) -> None:
    with served(always) as (heard, port):
        outcome = perform(trial, port)

    assert (outcome.played, outcome.failed) == (2, [])
    last = [str(trial.id(name)) for name in ("a", "b")]
    waited = [query["min_position"][0] for query in heard.queries if "min_position" in query]
    assert sorted(waited) == sorted(f"position-of-{name}" for name in last)
    assert heard.times("/v1/reports/trial") == 2


def test_a_command_may_put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUNGCU_TOKEN", "a-token-for-a-test")

    with served(always) as (heard, port):
        perform(write(tmp_path / "trial", method="PUT"), port)

    assert Counter(method for method, path, _ in heard.asked if "things" in path) == {"PUT": 2}


def test_what_is_entered_in_confidence_says_no_position_and_none_is_waited_for(trial: Story) -> None:
    with served(lambda _, __: Reply(201, says=None)) as (heard, port):
        outcome = perform(trial, port)

    assert (outcome.played, outcome.failed) == (2, [])
    assert heard.times("/v1/reports/trial") == 0


def test_restricted_facts_are_waited_for_by_their_own_position(trial: Story) -> None:
    with served(lambda _, __: Reply(201, says="Chungcu-Restricted-Position")) as (heard, port):
        perform(trial, port)

    waited = [query["min_restricted_position"][0] for query in heard.queries if query]
    assert sorted(waited) == sorted(f"position-of-{trial.id(name)}" for name in ("a", "b"))


def test_a_service_that_comes_up_late_is_waited_for(trial: Story) -> None:
    with served(always, after=0.6) as (_, port):
        outcome = perform(trial, port)

    assert (outcome.played, outcome.failed) == (2, [])


@pytest.mark.parametrize(
    "passing", [Reply(503, "not-yet-here"), Reply(500, "about:blank"), Reply(409, "building-not-yet-known")]
)
def test_what_passes_is_asked_again_under_the_same_key(trial: Story, passing: Reply) -> None:
    with served(lambda _, times: passing if times < 3 else Reply(201)) as (heard, port):
        outcome = perform(trial, port)

    assert (outcome.played, outcome.failed) == (2, [])
    path = f"/v1/things/{trial.id('a')}"
    assert [key for _, asked, key in heard.asked if asked == path] == [str(steps(trial)[0].key)] * 3


def test_the_service_says_how_long_to_wait(trial: Story) -> None:
    passing = Reply(409, "building-not-yet-known", retry_after=1)
    began = time.monotonic()

    with served(lambda path, times: passing if "things" in path and times == 1 else Reply(201)) as (heard, port):
        outcome = perform(trial, port)

    assert not outcome.failed
    assert time.monotonic() - began >= 1
    assert heard.times(f"/v1/things/{trial.id('a')}") == 2


def test_a_refusal_is_asked_once_and_listed_and_the_rest_is_played(trial: Story) -> None:
    refused = f"/v1/things/{trial.id('a')}"

    with served(lambda path, _: Reply(409, "already-there") if path == refused else Reply(201)) as (heard, port):
        outcome = perform(trial, port)

    assert outcome.played == 1
    assert problems(outcome) == ["already-there"]
    assert outcome.failed[0].step.name == "a"
    assert heard.times(refused) == 1


def test_patience_ends_and_the_step_is_listed_with_its_last_problem(trial: Story) -> None:
    stuck = f"/v1/things/{trial.id('b')}"

    with served(lambda path, _: Reply(409, "thing-not-yet-known") if path == stuck else Reply(201)) as (heard, port):
        outcome = perform(trial, port, patience=0.5)

    assert outcome.played == 1
    assert problems(outcome) == ["thing-not-yet-known"]
    assert heard.times(stuck) > 1


def test_nobody_there_is_a_problem_of_every_step(trial: Story) -> None:
    with served(always) as (_, port):
        pass

    outcome = perform(trial, port, patience=0.2)

    assert outcome.played == 0
    assert problems(outcome) == ["ConnectError", "ConnectError"]


def test_reporting_that_never_hears_is_a_failed_step(trial: Story) -> None:
    late = Reply(503, "not-yet-here")

    with served(lambda path, _: late if path.startswith("/v1/reports") else Reply(201)) as (_, port):
        outcome = perform(trial, port, patience=0.3)

    assert outcome.played == 2
    assert problems(outcome) == ["not-yet-here"]
    assert outcome.failed[0].step.phase == "reporting-has-heard"


@pytest.mark.usefixtures("trial")
def test_a_client_says_what_the_service_said() -> None:
    async def ask(port: int) -> None:
        async with Client(running(port)) as client:
            await client.ask("reporting", "/v1/reports/none")

    with (
        served(lambda _, __: Reply(403, "outside-your-units")) as (_, port),
        pytest.raises(Declined, match=r"Không được.*403 outside-your-units"),
    ):
        asyncio.run(ask(port))


# The review on the terminal.


@pytest.mark.parametrize(
    ("computed", "numerator", "denominator", "shown"),
    [
        (8, 8, None, "8"),
        (1222, 1222, None, "1.222"),
        (13, 13, 14, "13/14"),
        (22.07, 49, 222, "22,07 % (49/222)"),
        (-12.5, 21, 24, "−12,50 % (21/24)"),
        (None, 6, 9, "— (6/9)"),
        (None, None, 9, review.NOT_KNOWN),
        (None, None, None, review.NOT_KNOWN),
    ],
)
def test_a_figure_reads_as_an_official_writes_it(
    computed: float | None, numerator: int | None, denominator: int | None, shown: str
) -> None:
    assert review.figure({"computed": computed, "numerator": numerator, "denominator": denominator}) == shown


def test_a_withheld_line_says_so_and_others_say_what_was_declared_and_by_how_much_it_differs() -> None:
    nothing = {"computed": None, "numerator": None, "denominator": None}

    assert review.WITHHELD in review.figure({**nothing, "withheld": "permission"})
    assert [review.difference(value) for value in (None, 0, 2, -0.45)] == [
        "",
        "[green]=[/]",
        "[yellow]+2[/]",
        "[yellow]−0,45[/]",
    ]
    assert review.declared({"declaration": None}) == ""
    assert review.declared({"declaration": {"value": 1222, "display": "1222"}}) == "1.222"
    assert review.declared({"declaration": {"value": 13, "display": "13/14"}}) == "13/14"
