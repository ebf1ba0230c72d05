"""What the stories say adds up, and the player is patient with what passes and honest about what does not."""

import asyncio
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from ops import review
from ops.client import Client, Declined
from ops.running import Running
from ops.stories import Step, Story, StoryError, load, story
from ops.stories.player import Outcome, play
from shared import law
from shared.events import Document, Register
from shared.events.boards import Channel, Closure, PetitionKind, Role, Topic
from shared.events.boards import Outcome as Answer
from shared.events.buildings import Owners

WARDS = {f"Q004-{code:05d}-v1" for code in range(115, 155, 3)}
"""The 14 wards of Quận Long Biên in 2022."""
FIRST, LAST = date(2021, 9, 30), date(2022, 12, 1)


@pytest.fixture(scope="module")
def told() -> Story:
    return story("long_bien_boards")


def day(written: str) -> date:
    return date.fromisoformat(written)


def steps(told: Story) -> list[Step]:
    return [step for phase in told.phases for step in told.steps(phase)]


def bodies(told: Story, phase: str) -> list[dict[str, Any]]:
    return [step.body for step in steps(told) if step.phase == phase]


def in_use(told: Story, on: date) -> set[str]:
    began = {row["building"]: day(row["on"]) for row in told.table("uses.csv")}
    ended = {row["building"]: day(row["on"]) for row in told.table("disuses.csv")}
    return {building for building, since in began.items() if since <= on < ended.get(building, date.max)}


# The figures, counted without the system.


def test_there_are_222_groups_in_the_14_wards(told: Story) -> None:
    groups = told.table("groups.csv")

    assert len(groups) == 222
    assert {row["ward"] for row in groups} == WARDS
    assert all(day(row["on"]) <= FIRST for row in groups)


def test_13_of_14_wards_have_a_building_in_use(told: Story) -> None:
    used = in_use(told, LAST)

    wards = {row["ward"] for row in told.table("buildings.csv") if row["building"] in used}

    assert len(WARDS) == 14
    assert len(wards) == 13
    assert WARDS - wards == {"Q004-00154-v1"}, "assumed: Cự Khối has none"


def test_49_groups_have_a_building_in_use(told: Story) -> None:
    used, links = in_use(told, LAST), told.table("links.csv")

    groups = {row["group"] for row in links if row["building"] in used and day(row["on"]) <= LAST}

    assert len(groups) == 49
    assert len({row["group"] for row in links}) == 51, "one more is linked to a building to come, one to a former one"
    assert max(Counter(row["building"] for row in links).values()) > 1, "a building may have several groups"
    assert max(Counter(row["group"] for row in links).values()) > 1, "a group may have several buildings"


def test_8_boards_are_formed_in_the_period_both_ends_included(told: Story) -> None:
    formed = [day(row["dated"]) for row in told.table("boards.csv")]

    within = [on for on in formed if FIRST <= on <= LAST]

    assert len(within) == 8
    assert {FIRST, LAST} <= set(within)
    assert max(on for on in formed if on < FIRST) == date(2021, 9, 29)
    assert min(formed) >= date(2019, 12, 1), "all terms of three years still run at the end"


def test_39_boards_are_in_force_at_the_end(told: Story) -> None:
    closed = {row["board"] for row in told.table("closures.csv")}

    in_force = [
        row for row in told.table("boards.csv") if row["board"] not in closed and term_end(day(row["dated"])) >= LAST
    ]

    assert len(closed) == 1
    assert len(in_force) == 39


def term_end(begins: date) -> date:
    return law.term_end(begins, begins)


def test_no_petition_is_flagged_and_most_are_answered(told: Story) -> None:
    filed = {row["petition"]: day(row["on"]) for row in told.table("petitions.csv")}
    answered = {row["petition"]: day(row["on"]) for row in told.table("resolutions.csv")}

    assert len(filed) == 12
    assert len(answered) == 10
    assert all(FIRST <= on <= LAST for on in filed.values())
    assert all(filed[petition] <= on <= LAST for petition, on in answered.items())
    assert not [step for step in steps(told) if "complex" in step.path]


def test_every_ward_keeps_all_four_registers_through_the_period(told: Story) -> None:
    rows = told.table("registers_buildings.csv") + told.table("registers_boards.csv")

    assert {(row["ward"], row["kept"]) for row in rows} == {(ward, kept) for ward in WARDS for kept in Register}
    assert len(rows) == 14 * 4
    assert all(day(row["opened"]) <= FIRST and day(row["through"]) == LAST == day(row["confirmed_on"]) for row in rows)


def test_taking_one_new_board_out_of_the_data_leaves_7_and_breaks_nothing(told: Story) -> None:
    new = [row["board"] for row in told.table("boards.csv") if day(row["dated"]) >= FIRST]
    named = {row["board"] for row in told.table("closures.csv")}

    assert len(new) == 8
    assert not named & set(new)


# Facts that fit each other.


def test_a_group_number_is_unique_in_its_ward(told: Story) -> None:
    groups = told.table("groups.csv")

    assert len({(row["ward"], row["number"]) for row in groups}) == len(groups)
    assert all(day(row["dated"]) <= day(row["on"]) for row in groups), "decided before it takes effect"


def test_a_building_is_used_and_linked_after_it_is_registered(told: Story) -> None:
    registered = {row["building"]: row for row in told.table("buildings.csv")}
    used = {row["building"]: day(row["on"]) for row in told.table("uses.csv")}
    groups = {row["group"]: row for row in told.table("groups.csv")}

    for building, on in used.items():
        assert day(registered[building]["on"]) <= on <= LAST
        assert int(registered[building]["built_year"] or on.year) <= on.year
    for row in told.table("disuses.csv"):
        assert used[row["building"]] < day(row["on"]) < LAST
    for row in told.table("links.csv"):
        linked, group, on = registered[row["building"]], groups[row["group"]], day(row["on"])
        assert linked["ward"] == group["ward"]
        assert day(linked["on"]) <= on <= LAST
        assert day(group["on"]) <= on
    assert set(registered) == {row["building"] for row in told.table("links.csv")}


def test_one_building_is_not_yet_in_use_and_one_no_longer(told: Story) -> None:
    registered = {row["building"]: row["ward"] for row in told.table("buildings.csv")}
    used, ever = in_use(told, LAST), {row["building"] for row in told.table("uses.csv")}

    (to_come,) = set(registered) - ever
    (former,) = ever - used

    assert registered[to_come] in {registered[building] for building in used}
    assert registered[former] in {registered[building] for building in used}


def test_buildings_are_such_as_the_law_and_the_contracts_allow(told: Story) -> None:
    for body in bodies(told, "buildings"):
        assert body["blocks"] >= 1
        assert body["storeys"] >= 2
        assert body["apartments"] > 0
        assert isinstance(body["lift"], bool)
        assert body["built_year"] is None or 1900 <= body["built_year"] <= 2022
        assert Owners(body["owners"])
        assert "minh họa" in body["name"].casefold()
        assert "minh họa" in body["address"].casefold()


def test_a_board_is_recognised_for_buildings_in_use_after_its_election_on_a_working_day(told: Story) -> None:
    used = {row["building"]: day(row["on"]) for row in told.table("uses.csv")}

    for row in told.table("boards.csv"):
        on = day(row["dated"])
        buildings = row["buildings"].split()
        assert set(buildings) <= in_use(told, on)
        assert all(used[building] < day(row["elected_on"]) < on for building in buildings)
        assert on.weekday() < 5


def test_no_building_has_two_boards_and_every_board_is_owed(told: Story) -> None:
    buildings = {row["building"]: row for row in told.table("buildings.csv")}
    boards = [row["buildings"].split() for row in told.table("boards.csv")]
    managed = list(chain.from_iterable(boards))

    assert len(set(managed)) == len(managed)
    assert all(buildings[one]["owners"] == "MULTIPLE" and int(buildings[one]["apartments"]) >= 20 for one in managed)
    assert all(len({buildings[one]["ward"] for one in several}) == 1 for several in boards)
    assert any(len(several) > 2 for several in boards), "there is a cluster"


def test_a_board_has_enough_members_one_head_and_one_or_two_deputies_for_each_building(told: Story) -> None:
    buildings = {row["building"]: row for row in told.table("buildings.csv")}
    members = defaultdict(list)
    for row in told.table("members.csv"):
        members[row["board"]].append(row)

    for board in told.table("boards.csv"):
        managed = board["buildings"].split()
        roles = Counter(Role(row["role"]) for row in members[board["board"]])
        blocks = sum(int(buildings[one]["blocks"]) for one in managed)
        assert roles.total() >= law.smallest_board(blocks, len(managed), day(board["dated"]))
        assert roles[Role.HEAD] == 1
        assert len(managed) <= roles[Role.DEPUTY] <= 2 * len(managed), "each building sends one or two deputies"
    assert set(members) == {row["board"] for row in told.table("boards.csv")}
    persons = [row["person"] for row in told.table("members.csv")]
    assert len(set(persons)) == len(persons), "everyone sits on one board only"


def test_a_board_ends_no_earlier_than_its_building_leaves_use(told: Story) -> None:
    ended = {row["building"]: day(row["on"]) for row in told.table("disuses.csv")}
    boards = {row["board"]: row["buildings"].split() for row in told.table("boards.csv")}

    for row in told.table("closures.csv"):
        assert Closure(row["reason"])
        assert all(ended[building] <= day(row["on"]) <= LAST for building in boards[row["board"]])


def test_petitions_are_about_buildings_in_use_and_issued_by_their_ward(told: Story) -> None:
    buildings = {row["building"]: row for row in told.table("buildings.csv")}
    offices = {row["ward"]: row["issuer"] for row in told.table("registers_boards.csv")}

    for row in told.table("petitions.csv"):
        assert row["building"] in in_use(told, day(row["on"]))
        assert PetitionKind(row["kind"])
        assert Topic(row["topic"])
        assert Channel(row["channel"])
        assert row["issuer"] == offices[buildings[row["building"]]["ward"]]
    for row in told.table("resolutions.csv"):
        assert Answer(row["outcome"])


def test_every_liaison_has_a_contact_that_is_plainly_synthetic(told: Story) -> None:
    contacts = {row["person"]: row for row in told.table("contacts.csv")}
    groups = {row["group"]: day(row["on"]) for row in told.table("groups.csv")}
    wards, of_groups = told.table("liaisons_units.csv"), told.table("liaisons_groups.csv")

    assert {row["ward"] for row in wards} == WARDS
    assert {row["person"] for row in wards + of_groups} == set(contacts)
    assert all(groups[row["group"]] <= day(row["on"]) for row in of_groups)
    for row in contacts.values():
        assert "Minh Họa" in row["name"]
        assert row["email"].endswith(".example")
        assert row["phone"].startswith("+844"), "area code 04 has been withdrawn"
    assert len({row["name"] for row in contacts.values()}) == len(contacts)


def test_every_document_says_it_is_an_illustration(told: Story) -> None:
    document = TypeAdapter(Document)
    papers = [step.body.get("document") or step.body["decision"] for step in steps(told) if step.phase != "contacts"]

    for paper in map(document.validate_python, papers):
        assert paper.symbol.startswith("minh-hoa-")
        assert paper.date <= LAST


def test_old_paper_is_entered_in_the_batch_of_its_service(told: Story) -> None:
    batches = {step.service: step.body["takeover_id"] for step in steps(told) if step.path == "/v1/takeovers"}

    for step in steps(told):
        if step.path not in ("/v1/takeovers", "/v1/contacts"):
            assert step.body["takeover"] == batches[step.service]


def test_nothing_happens_after_the_story_ends(told: Story) -> None:
    assert all(day(step.body["on"]) <= LAST for step in steps(told) if "on" in step.body)


def test_ids_and_keys_are_the_same_whenever_they_are_made_and_never_collide(told: Story) -> None:
    once, again = steps(told), steps(load(told.folder))

    assert once == again
    assert len({step.key for step in once}) == len(once)
    assert all(UUID(str(step.key)).version == 5 for step in once)


def test_what_a_row_refers_to_was_told_in_an_earlier_phase(told: Story) -> None:
    making = {"group_id", "building_id", "board_id", "petition_id", "register_id", "takeover_id"}
    made: set[str] = set()

    for phase in told.phases:
        of_phase = told.steps(phase)
        for step in of_phase:
            named = [step.body[name] for name in ("building", "group", "takeover") if name in step.body]
            named += step.body.get("building_ids", [])
            named += [part for part in step.path.split("/") if len(part) == 36]
            assert set(named) <= made, step
        made |= {step.body[name] for step in of_phase for name in making & set(step.body)}


def test_the_story_says_that_it_is_synthetic_and_what_it_assumes(told: Story) -> None:
    about = " ".join(one.about for one in told.assumed)

    assert "tổng hợp" in told.synthetic.vi
    assert "Synthetic" in told.synthetic.en
    for needed in ("groups.csv", "buildings.csv", "links.csv", "boards.csv", "petitions.csv", "LB-02", "LB-03"):
        assert needed in about


# The language of stories.


def write(folder: Path, path: str = "/v1/things/id:{thing}", table: str = "thing,count,note\na,1,\nb,2,x\n") -> Story:
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
            path: {path}
            table: things.csv
            key: "{{thing}}"
            body:
              count: int:{{count}}
              note: text?:{{note}}
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
    assert second.body["note"] == "x"
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
    with pytest.raises(StoryError, match=r"no-such-story.*long_bien_boards"):
        story("no-such-story")


# The player, against a real server.


@dataclass
class Reply:
    """What the server answers once."""

    status: int
    code: str = ""
    retry_after: int | None = None


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
            if good:
                self.send_header("Chungcu-Position", f"position-of-{address.path.rpartition('/')[2]}")
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST = answer  # noqa: N815 (the names http.server calls)

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
        (None, None, None, review.NOT_KNOWN),
    ],
)
def test_a_figure_reads_as_an_official_writes_it(
    computed: float | None, numerator: int | None, denominator: int | None, shown: str
) -> None:
    assert review.figure({"computed": computed, "numerator": numerator, "denominator": denominator}) == shown
