"""Nobody without a token, nothing for another district: every endpoint of every service, as its own document lists it."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aio_pika
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.routing import Route

from ops import secrets
from ops.services import SERVICES
from shared.caller import HANOI
from shared.service import OPEN, OPEN_WITH_PAGES, Process
from shared.settings import Settings
from tests.e2e.system import PAPER, REVIEW, System, wait_for

OPEN_TO_EVERY_TOKEN = {
    ("buildings", "GET", "/v1/units"),
    ("buildings", "GET", "/v1/units/{unit_id}"),
    ("reporting", "GET", "/v1/indicators"),
    ("reporting", "GET", "/v1/reports"),
    ("reporting", "POST", "/v1/tickets"),
}
"""Reference data: which units there are, and what indicators mean; and a ticket, which is for oneself alone."""
WARD = "HN-00127-2025"
PATH = "HN.HN-00127-2025"
OTHER = "HN.Q009"
SECRET = (
    *("building", "group", "inspection", "violation", "register_b"),
    *("board", "petition", "conference", "directive", "training", "commendation", "register_o"),
    *("cell", "body", "supervision", "regulation", "overlap", "conflict"),
    *("person", "endpoint", "period", "figure", "target", "somebody", "tie"),
)
"""What lies in one ward only: another district reads of none of it."""


@dataclass
class Example:
    """How to ask one endpoint so that it answers well with the right token."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


def examples(ids: dict[str, str]) -> dict[tuple[str, str, str], Example]:
    """Return an example of every endpoint, in an order in which each can succeed."""
    day = {"on": ids["day"]}
    member = [{"person": str(uuid4()), "role": role} for role in ("HEAD", "DEPUTY", "MEMBER")]
    building = {
        "building_id": ids["building"],
        "ward": WARD,
        "name": f"Nhà chung cư minh họa {ids['building'][:6]}",
        "address": "Phố Minh Họa",
        "blocks": 1,
        "storeys": 9,
        "apartments": 90,
        "lift": True,
        "owners": "MULTIPLE",
        **day,
    }
    decision = {"symbol": "minh-hoa-1/QĐ-UBND", "date": ids["day"], "issuer": "UBND phường Việt Hưng"}
    petition = {"kind": "FEEDBACK", "topic": "OTHER", "channel": "COUNTER", "building": ids["building"], **day}
    of_building, of_group = {"building_id": ids["building"]}, {"group_id": ids["group"]}
    link = {"group": ids["group"], **day}
    both: dict[tuple[str, str, str], Example] = {}
    for service, kept, register in (("buildings", "BUILDINGS", "register_b"), ("boards", "BOARDS", "register_o")):
        opened = {"register_id": ids[register], "register_kept": kept, "unit": WARD, "on": ids["before"]}
        confirmed = {"through": ids["before"], **day}
        both[service, "POST", "/v1/registers"] = Example(body=opened)
        both[service, "POST", "/v1/registers/{register_id}/confirmations"] = Example(
            {"register_id": ids[register]}, body=confirmed
        )
        both[service, "GET", "/v1/registers"] = Example(query={"unit": PATH})
        both[service, "POST", "/v1/takeovers"] = Example(
            body={"takeover_id": str(uuid4()), "name": "Thử (minh họa)", "unit": WARD, "document": PAPER}
        )
    return {
        ("buildings", "POST", "/v1/units"): Example(
            body={
                "unit_id": ids["unit"],
                "name": "Xã Minh Họa",
                "kind": "COMMUNE",
                "official_code": "99999",
                "parent": "HN",
                **day,
            }
        ),
        ("buildings", "POST", "/v1/units/{unit_id}/liaison"): Example(
            {"unit_id": WARD}, body={"person": ids["person"], **day}
        ),
        ("buildings", "GET", "/v1/units"): Example(),
        ("buildings", "GET", "/v1/units/{unit_id}"): Example({"unit_id": WARD}),
        ("buildings", "POST", "/v1/groups"): Example(
            body={**of_group, "ward": WARD, "number": ids["group"][:6], **day}
        ),
        ("buildings", "POST", "/v1/groups/{group_id}/liaison"): Example(
            of_group, body={"person": ids["person"], **day}
        ),
        ("buildings", "GET", "/v1/groups"): Example(),
        ("buildings", "GET", "/v1/groups/{group_id}"): Example(of_group),
        ("buildings", "POST", "/v1/buildings"): Example(body=building),
        ("buildings", "POST", "/v1/buildings/{building_id}/use"): Example(of_building, body=day),
        ("buildings", "POST", "/v1/buildings/{building_id}/links"): Example(of_building, body=link),
        ("buildings", "GET", "/v1/buildings"): Example(),
        **of_inspections(ids, decision),
        ("buildings", "GET", "/v1/buildings/{building_id}"): Example(of_building),
        **both,
        ("buildings", "GET", "/events"): Example(query={"limit": "5000"}),
        ("boards", "POST", "/v1/boards"): Example(
            body={"board_id": ids["board"], "building_ids": [ids["building"]], "decision": decision, "members": member}
        ),
        ("boards", "GET", "/v1/boards"): Example(),
        ("boards", "GET", "/v1/boards/{board_id}"): Example({"board_id": ids["board"]}),
        ("boards", "POST", "/v1/petitions"): Example(body={"petition_id": ids["petition"], **petition}),
        ("boards", "POST", "/v1/petitions/{petition_id}/complexity"): Example(
            {"petition_id": ids["petition"]}, body={"reason": "LONG_RUNNING", **day}
        ),
        ("boards", "POST", "/v1/petitions/{petition_id}/resolution"): Example(
            {"petition_id": ids["petition"]}, body={"outcome": "UPHELD", **day}
        ),
        ("boards", "GET", "/v1/petitions"): Example(),
        ("boards", "GET", "/v1/petitions/{petition_id}"): Example({"petition_id": ids["petition"]}),
        **of_cooperation(ids, decision, member),
        **of_the_programme(ids, decision),
        ("boards", "GET", "/events"): Example(query={"limit": "5000"}),
        ("notifications", "POST", "/v1/contacts"): Example(
            body={"person": ids["person"], "unit": WARD, "name": "Người Minh Họa", "language": "vi"}
        ),
        ("notifications", "GET", "/v1/contacts/{person}"): Example({"person": ids["person"]}),
        ("notifications", "GET", "/v1/deliveries"): Example(),
        ("notifications", "GET", "/v1/deliveries/{delivery_id}"): Example({"delivery_id": "{delivery}"}),
        ("notifications", "GET", "/v1/inbox/{person}"): Example({"person": ids["person"]}),
        ("notifications", "GET", "/v1/notices"): Example(),
        ("notifications", "POST", "/v1/webhooks"): Example(
            body={
                "endpoint_id": ids["endpoint"],
                "unit": WARD,
                "url": "https://he-thong.example/nhan-tin",
                "secret": f"whsec_{'A' * 32}",
            }
        ),
        ("notifications", "GET", "/v1/webhooks"): Example(),
        ("notifications", "GET", "/v1/webhooks/{endpoint_id}"): Example({"endpoint_id": ids["endpoint"]}),
        ("notifications", "GET", "/events"): Example(query={"limit": "5000"}),
        ("reporting", "GET", "/v1/indicators"): Example(),
        ("reporting", "GET", "/v1/reports"): Example(),
        ("reporting", "GET", "/v1/reports/{code}"): Example(
            {"code": "thong-tri-05"}, {**REVIEW, "unit": WARD, "from": "2025-07-01", "to": ids["day"]}
        ),
        ("reporting", "GET", "/v1/reports/{code}/lines/{line}/explain"): Example(
            {"code": "thong-tri-05", "line": "LB-16"}, {**REVIEW, "unit": WARD, "from": "2025-07-01", "to": ids["day"]}
        ),
        ("reporting", "PUT", "/v1/periods/{code}"): Example(
            {"code": ids["period"]},
            body={
                "report": "thong-tri-05",
                "unit": WARD,
                "from": "2025-07-01",
                "to": ids["day"],
                "name": "Kỳ minh họa",
            },
        ),
        ("reporting", "GET", "/v1/periods"): Example(),
        ("reporting", "POST", "/v1/figures"): Example(
            body={"figure_id": ids["figure"], "period": ids["period"], "line": "LB-05", "value": 1}
        ),
        ("reporting", "GET", "/v1/figures"): Example(),
        ("reporting", "POST", "/v1/targets"): Example(
            body={"target_id": ids["target"], "period": ids["period"], "line": "LB-19", "value": 100}
        ),
        ("reporting", "GET", "/v1/targets"): Example(),
        ("reporting", "POST", "/v1/issues/{issue_id}/acknowledgement"): Example(
            {"issue_id": "{issue}"}, body={"reason": "Đã rõ"}
        ),
        ("reporting", "GET", "/v1/issues"): Example(),
        ("reporting", "POST", "/v1/tickets"): Example(body={"next": "/reports"}),
        ("reporting", "GET", "/reports"): Example(),
        **{
            ("reporting", "GET", f"/reports/{{code}}{page}"): Example(
                {"code": "thong-tri-05", "line": "LB-16"}, {"unit": WARD, "from": "2025-07-01", "to": ids["day"]}
            )
            for page in ("", ".docx", ".xlsx", "/lines/{line}")
        },
        ("reporting", "GET", "/events"): Example(query={"limit": "5000"}),
        **of_people(ids),
        # What ends things comes last.
        ("notifications", "POST", "/v1/webhooks/{endpoint_id}/end"): Example(
            {"endpoint_id": ids["endpoint"]}, body={"on": ids["today"]}
        ),
        ("boards", "POST", "/v1/boards/{board_id}/closure"): Example(
            {"board_id": ids["board"]}, body={"reason": "DISSOLVED", "on": ids["later"]}
        ),
        ("buildings", "POST", "/v1/buildings/{building_id}/assignments"): Example(
            of_building, body={"ward": "HN-00136-2025", "on": ids["later"]}
        ),
        ("buildings", "POST", "/v1/buildings/{building_id}/unlinks"): Example(
            of_building, body={**link, "on": ids["later"]}
        ),
        ("buildings", "POST", "/v1/buildings/{building_id}/disuse"): Example(of_building, body={"on": ids["later"]}),
        ("buildings", "POST", "/v1/groups/{group_id}/dissolution"): Example(of_group, body={"on": ids["later"]}),
        ("buildings", "POST", "/v1/units/{unit_id}/closure"): Example(
            {"unit_id": ids["unit"]},
            body={"successors": [{"unit_id": WARD, "kind": "MERGE", "whole": True}], "on": ids["later"]},
        ),
    }


def of_inspections(ids: dict[str, str], decision: dict[str, str]) -> dict[tuple[str, str, str], Example]:
    """Return an example of every endpoint about inspections and violations."""
    day, of_violation = {"on": ids["day"]}, {"violation_id": ids["violation"]}
    inspection = {"inspection_id": ids["inspection"], "building": ids["building"], "topic": "FIRE_SAFETY", **day}
    violation = {**of_violation, "building": ids["building"], "inspection": ids["inspection"], "code": "FUND", **day}
    return {
        ("buildings", "POST", "/v1/inspections"): Example(body=inspection),
        ("buildings", "GET", "/v1/inspections"): Example(),
        ("buildings", "GET", "/v1/inspections/{inspection_id}"): Example({"inspection_id": ids["inspection"]}),
        ("buildings", "POST", "/v1/violations"): Example(body=violation),
        ("buildings", "POST", "/v1/violations/{violation_id}/decision"): Example(
            of_violation, body={"decision": decision}
        ),
        ("buildings", "POST", "/v1/violations/{violation_id}/remedy"): Example(of_violation, body=day),
        ("buildings", "GET", "/v1/violations"): Example(),
        ("buildings", "GET", "/v1/violations/{violation_id}"): Example(of_violation),
    }


def of_cooperation(
    ids: dict[str, str], decision: dict[str, str], member: list[dict[str, str]]
) -> dict[tuple[str, str, str], Example]:
    """Return an example of every endpoint about boards in order, and about groups and boards beside each other."""
    names = ("board", "cell", "body", "supervision", "regulation", "overlap", "conflict")
    of = {name: {f"{name}_id": ids[name]} for name in names}
    day, between, later = ({"on": ids[name]} for name in ("day", "between", "later"))
    group, pair = {"group": ids["group"]}, {"group": ids["group"], "board": ids["board"]}
    decided = {"decision": {**decision, "date": ids["between"]}, "members": member}
    left = {"person": member[2]["person"], "reason": "MOVED", **later}
    conflict = {"topic": "FEES", "parties": "RESIDENTS", "building": ids["building"], **day}
    read = {
        ("boards", "GET", path): example
        for name, nouns in zip(names[1:], ("cells", "bodies", *(f"{name}s" for name in names[3:])), strict=True)
        for path, example in (
            (f"/v1/{nouns}", Example()),
            (f"/v1/{nouns}/{{{name}_id}}", Example(of[name])),
        )
    }
    return {
        ("boards", "POST", "/v1/boards/{board_id}/reviews"): Example(of["board"], body=between),
        ("boards", "POST", "/v1/boards/{board_id}/consolidations"): Example(of["board"], body=decided),
        ("boards", "POST", "/v1/boards/{board_id}/departures"): Example(of["board"], body=left),
        ("boards", "POST", "/v1/cells/{cell_id}/links"): Example(of["cell"], body={**group, **day}),
        ("boards", "POST", "/v1/bodies"): Example(body={**of["body"], **group, "body": "WOMEN", **day}),
        ("boards", "POST", "/v1/supervisions"): Example(body={**of["supervision"], "ward": WARD, **day}),
        ("boards", "POST", "/v1/regulations"): Example(body={**of["regulation"], "pairs": [pair], **day}),
        ("boards", "POST", "/v1/regulations/{regulation_id}/evaluations"): Example(
            of["regulation"], body={"finding": "FIT", **between}
        ),
        ("boards", "POST", "/v1/overlaps"): Example(body={**of["overlap"], **pair, "topic": "FEES", **day}),
        ("boards", "POST", "/v1/conflicts"): Example(body={**of["conflict"], **conflict}),
        **read,
        ("boards", "POST", "/v1/cells/{cell_id}/unlinks"): Example(of["cell"], body={**group, **later}),
        ("boards", "POST", "/v1/bodies/{body_id}/end"): Example(of["body"], body=later),
        ("boards", "POST", "/v1/supervisions/{supervision_id}/end"): Example(of["supervision"], body=later),
        ("boards", "POST", "/v1/regulations/{regulation_id}/lapse"): Example(of["regulation"], body=later),
        ("boards", "POST", "/v1/overlaps/{overlap_id}/resolution"): Example(of["overlap"], body=later),
        ("boards", "POST", "/v1/conflicts/{conflict_id}/settlement"): Example(
            of["conflict"], body={"settled_by": "MEDIATION", **later}
        ),
    }


def of_people(ids: dict[str, str]) -> dict[tuple[str, str, str], Example]:
    """Return an example of every endpoint about people and their ties."""
    somebody, tie = {"person_id": ids["somebody"]}, {"person_id": ids["somebody"], "tie_id": ids["tie"]}
    why, purpose = {"purpose": "AUDIT"}, {"purpose": "REVIEW"}
    membership = {"kind": "PARTY_MEMBERSHIP", "category": "RESIDENT_PARTY_MEMBER", "since": "2020-05-04", **purpose}
    person = {**somebody, "unit": WARD, "name": "Người Minh Họa", **purpose}
    return {
        ("boards", "POST", "/v1/people"): Example(body=person),
        ("boards", "POST", "/v1/people/{person_id}/ties"): Example(somebody, body={"tie_id": ids["tie"], **membership}),
        ("boards", "POST", "/v1/people/{person_id}/ties/{tie_id}/end"): Example(
            tie, body={"until": ids["before"], **purpose}
        ),
        ("boards", "POST", "/v1/people/{person_id}/ties/{tie_id}/withdrawal"): Example(tie, body=purpose),
        ("boards", "GET", "/v1/people/{person_id}"): Example(somebody, why),
        ("boards", "GET", "/v1/people/{person_id}/profile"): Example(somebody, why),
        ("boards", "GET", "/v1/accesses"): Example(),
        ("boards", "POST", "/v1/participation/telling"): Example(body={}),
        ("boards", "GET", "/events/restricted"): Example(),
        ("boards", "POST", "/v1/people/{person_id}/erasure"): Example(somebody, body={}),
    }


def of_the_programme(ids: dict[str, str], decision: dict[str, str]) -> dict[tuple[str, str, str], Example]:
    """Return an example of every endpoint about conferences, directives, classes and commendations."""
    of = {name: {f"{name}_id": ids[name]} for name in ("conference", "directive", "training", "commendation")}
    begun = {"unit": WARD, "on": ids["day"]}
    directive = {"number": 1, "title": "Việc minh họa", "assignees": [{"body": "DIVISIONS", "unit_assigned": WARD}]}
    held = {"topics": ["FIRE", "RESCUE"], "attended": [ids["person"]], "on": ids["day"]}
    return {
        ("boards", "POST", "/v1/conferences"): Example(body={**of["conference"], **begun, "kind": "BRIEFING"}),
        ("boards", "POST", "/v1/conferences/{conference_id}/speeches"): Example(
            of["conference"], body={"bloc": "BOARD", "topic": "TRAINING", "on": ids["day"]}
        ),
        ("boards", "GET", "/v1/conferences"): Example(),
        ("boards", "GET", "/v1/conferences/{conference_id}"): Example(of["conference"]),
        ("boards", "POST", "/v1/directives"): Example(
            body={**of["directive"], **begun, **directive, "conference": ids["conference"]}
        ),
        ("boards", "POST", "/v1/directives/{directive_id}/progress"): Example(
            of["directive"], body={"by_unit": WARD, "progress": "ACKNOWLEDGED", "on": ids["day"]}
        ),
        ("boards", "GET", "/v1/directives"): Example(),
        ("boards", "GET", "/v1/directives/{directive_id}"): Example(of["directive"]),
        ("boards", "POST", "/v1/trainings"): Example(
            body={**of["training"], **begun, "topics": ["FIRE"], "held_on": ids["day"]}
        ),
        ("boards", "POST", "/v1/trainings/{training_id}/held"): Example(of["training"], body=held),
        ("boards", "GET", "/v1/trainings"): Example(),
        ("boards", "GET", "/v1/trainings/{training_id}"): Example(of["training"]),
        ("boards", "POST", "/v1/commendations"): Example(
            body={**of["commendation"], "unit": WARD, "recipient": "INDIVIDUAL", "decision": decision}
        ),
        ("boards", "GET", "/v1/commendations"): Example(),
        ("boards", "GET", "/v1/commendations/{commendation_id}"): Example(of["commendation"]),
    }


def shown(answer: httpx.Response) -> list[str]:
    """Return what a list shows, thing by thing."""
    if "ndjson" in answer.headers["content-type"]:
        return answer.text.splitlines()
    if "html" in answer.headers["content-type"]:
        return re.findall(r"period=[^\"&]+", answer.text)
    listed = answer.json()
    return [json.dumps(one) for one in (listed["items"] if isinstance(listed, dict) else listed)]


class Walk:
    """Walks every endpoint with a token."""

    def __init__(self, system: System) -> None:
        """Choose ids that lie in one ward only."""
        today = datetime.now(UTC).date()
        self.system = system
        self.ids = {name: str(uuid4()) for name in SECRET} | {
            "unit": f"HN-9{uuid4().hex[:6]}-2026",
            "before": str(today - timedelta(days=4)),
            "day": str(today - timedelta(days=3)),
            "between": str(today - timedelta(days=2)),
            "later": str(today - timedelta(days=1)),
            "today": str(datetime.now(HANOI).date()),
        }
        self.examples = examples(self.ids)

    def documented(self) -> set[tuple[str, str, str]]:
        """Return every operation of the four documents."""
        found = set()
        for service in self.system.running.urls:
            document = self.system.ask(service, "GET", "/openapi.json", token="").json()
            found |= {
                (service, method.upper(), path) for path, methods in document["paths"].items() for method in methods
            }
        return found

    def ask(self, operation: tuple[str, str, str], token: str) -> httpx.Response:
        """Ask one endpoint by its example."""
        service, method, path = operation
        example = self.examples[operation]
        parts = {name: value.format(**self.found) if "{" in value else value for name, value in example.path.items()}
        answer: httpx.Response = self.system.ask(
            service, method, path.format(**parts), token=token, params=example.query, json=example.body
        )
        return answer

    @property
    def found(self) -> dict[str, str]:
        """Return ids that the system chose."""
        issues = self.system.ask("reporting", "GET", "/v1/issues", params={"open_only": "true"}).json()["items"]
        deliveries = self.system.ask("notifications", "GET", "/v1/deliveries").json()["items"]
        return {
            "issue": issues[0]["id"] if issues else str(uuid4()),
            "delivery": deliveries[0]["id"] if deliveries else str(uuid4()),
        }


@pytest.fixture(scope="module")
def walk(lasting_system: Callable[..., System]) -> Walk:
    """Give a system with an open issue: an event of boards is said to exist and never comes."""
    system = lasting_system(CHUNGCU_FEEDS="{}", CHUNGCU_GAP_AFTER="1").up()

    async def promise() -> None:
        async with await aio_pika.connect(system.broker) as connection, connection.channel() as channel:
            exchange = await channel.get_exchange(system.bus("chungcu.events"))
            head = aio_pika.Message(b"{}", headers={"loghead": 1000, "logsource": "boards"})
            await exchange.publish(head, routing_key="boards.log_head")

    asyncio.run(promise())
    return Walk(system)


def test_every_documented_endpoint_has_an_example_and_none_is_invented(walk: Walk) -> None:
    assert walk.documented() == set(walk.examples)


def test_what_is_not_documented_is_on_the_open_list_and_nothing_else_is_open() -> None:
    for service in SERVICES.values():
        app = Process(service, Settings()).app
        # What is documented is seen by the walk; what stands beside it must be on the list.
        beside = {route.path for route in app.routes if isinstance(route, Route) and not route.include_in_schema}
        assert beside == OPEN | (OPEN_WITH_PAGES if service.pages else frozenset())


def test_every_endpoint_answers_the_right_token_and_refuses_none_and_another_districts(walk: Walk) -> None:
    right, other = walk.system.token(*secrets.ALL), walk.system.token(*secrets.ALL, units=(OTHER,))
    wait_for(lambda: bool(walk.system.ask("reporting", "GET", "/v1/issues").json()["items"]))
    secret = [walk.ids[name] for name in SECRET]
    for operation in walk.examples:
        nothing = walk.ask(operation, "")
        assert nothing.status_code == 401, (operation, nothing.text)
        assert nothing.headers["content-type"] == "application/problem+json"
        if operation[1] in {"POST", "PUT"} and operation not in OPEN_TO_EVERY_TOKEN:
            foreign = walk.ask(operation, other)
            assert foreign.status_code in {403, 404, 409}, (operation, foreign.text)

        def well(operation: tuple[str, str, str] = operation) -> bool:
            answer = walk.ask(operation, right)
            waiting = answer.status_code in {404, 409, 503} and (
                answer.headers.get("Retry-After") or operation[2].startswith("/v1/deliveries/")
            )
            assert answer.is_success or waiting, (operation, answer.text)
            return bool(answer.is_success)

        wait_for(well)
        if operation[1] == "GET" and operation not in OPEN_TO_EVERY_TOKEN:
            foreign = walk.ask(operation, other)
            assert foreign.status_code in {200, 403, 404}, (operation, foreign.text)
            if foreign.status_code == 200:
                assert [one for one in shown(foreign) if "Q009" not in one] == [], operation
            assert not [one for one in secret if one in foreign.text], (operation, foreign.text)


def test_a_token_without_the_permission_is_refused_everywhere_it_is_asked(walk: Walk) -> None:
    powerless = walk.system.token("nothing.at.all")
    for operation in walk.examples:
        if operation in OPEN_TO_EVERY_TOKEN:
            continue
        answer = walk.ask(operation, powerless)
        assert answer.status_code in {403, 404}, (operation, answer.text)


@pytest.mark.parametrize(
    "forged",
    ["none", "expired", "audience", "issuer", "key", "garbage"],
)
def test_a_forged_token_opens_nothing(walk: Walk, forged: str) -> None:
    good = {
        "iss": "chungcu-development",
        "aud": "chungcu",
        "sub": "developer",
        "exp": time.time() + 60,
        "units": ["HN"],
        "permissions": ["boards.read"],
    }
    real = (walk.system.running.secrets / "signing_key.pem").read_text()
    kid = {"kid": "development"}
    token = {
        "none": jwt.encode(good, "", "none", headers=kid),
        "expired": jwt.encode({**good, "exp": time.time() - 60}, real, "EdDSA", headers=kid),
        "audience": jwt.encode({**good, "aud": "others"}, real, "EdDSA", headers=kid),
        "issuer": jwt.encode({**good, "iss": "others"}, real, "EdDSA", headers=kid),
        "key": jwt.encode(good, Ed25519PrivateKey.generate(), "EdDSA", headers=kid),
        "garbage": "a.b.c",
    }[forged]

    assert walk.system.ask("boards", "GET", "/v1/boards", token=jwt.encode(good, real, "EdDSA", headers=kid)).is_success
    assert walk.system.ask("boards", "GET", "/v1/boards", token=token).status_code == 401
