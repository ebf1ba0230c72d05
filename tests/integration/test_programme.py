"""The programme as asked over HTTP: told, shown with its history, within the scope, or refused."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.consumers import Delivery
from shared.events import Event
from tests.conftest import Serve, Served
from tests.examples import (
    CITY,
    DAY,
    DEPUTY,
    DISTRICT,
    FAR_WARD,
    HEAD,
    NOW,
    OTHER_WARD,
    OTHER_WARD_ID,
    WARD,
    WARD_ID,
    bodies,
    made,
    told,
    unit_closed,
    unit_established,
)

FAR = "HN.Q009"
GONE = f"{DISTRICT}.Q004-00999-v1"
TODAY, YESTERDAY = DAY.isoformat(), (DAY - timedelta(days=1)).isoformat()
DECISION = {"symbol": "minh-hoa-01/QĐ-UBND", "date": TODAY, "issuer": "UBND quận minh họa"}

CONFERENCE, OTHER_CONFERENCE, DIRECTIVE = made("conference"), made("other conference"), made("directive")
TRAINING, COMMENDATION = made("training"), made("commendation")


async def hears(served: Served, *events: Event) -> None:
    heard = [Delivery(body) for body in bodies([told(event) for event in events])]
    await served.process.service.consumers.settle(served.database, heard)


@pytest.fixture
async def boards(serve: Serve) -> Served:
    """A service that knows a city, two districts and their wards, of which one ended yesterday."""
    served = await serve("boards")
    served.process.app.state.now = lambda: NOW
    units = (CITY, DISTRICT, WARD, OTHER_WARD, GONE, FAR, FAR_WARD)
    await hears(served, *map(unit_established, units), unit_closed(GONE, on=DAY - timedelta(days=1)))
    return served


async def ask(served: Served, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await served.client.post(path, json=body, headers=headers)


async def tell(served: Served, path: str, body: dict[str, Any]) -> Any:
    """Ask a command that succeeds, and return what it told."""
    answer = await ask(served, path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refusal(served: Served, path: str, body: dict[str, Any], **headers: str) -> tuple[int, str, str | None]:
    """Ask a command that is refused; return the status, the code, and the field pointed at."""
    answer = await ask(served, path, body, **headers)
    return answer.status_code, answer.json()["type"], answer.json().get("pointer")


async def shown(served: Served, path: str, **headers: str) -> Any:
    answer = await served.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def nothing_of(served: Served, subject: UUID) -> bool:
    async with served.database.transaction() as tx:
        return not await tx.value("SELECT count(*) FROM event_log WHERE subject = $1", str(subject))


def envelope(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("type", "subject", "unit", "occurredon", "version")}


def invitation(unit: str = WARD_ID, **changed: Any) -> dict[str, Any]:
    return {"delegation": "WARD_LEADERS", "unit_invited": unit, "invited": 2, "attended": 1, **changed}


def conference(conference_id: UUID = CONFERENCE, **changed: Any) -> dict[str, Any]:
    return {"conference_id": str(conference_id), "on": TODAY, "unit": "Q004", "kind": "BRIEFING", **changed}


def directive(directive_id: UUID = DIRECTIVE, **changed: Any) -> dict[str, Any]:
    said = {"directive_id": str(directive_id), "on": TODAY, "unit": "Q004", "number": 1, "title": "Đánh giá quy chế"}
    return {**said, **changed}


def assignee(unit: str, body: str = "PARTY_COMMITTEE") -> dict[str, str]:
    return {"body": body, "unit_assigned": unit}


def training(**changed: Any) -> dict[str, Any]:
    return {
        "training_id": str(TRAINING),
        "on": YESTERDAY,
        "unit": "Q004",
        "topics": ["FIRE"],
        "held_on": TODAY,
        **changed,
    }


def commendation(**changed: Any) -> dict[str, Any]:
    return {
        "commendation_id": str(COMMENDATION),
        "unit": "Q004",
        "recipient": "COLLECTIVE",
        "decision": DECISION,
        **changed,
    }


SPEECHES = f"/v1/conferences/{CONFERENCE}/speeches"
SPEECH = {"on": TODAY, "bloc": "BOARD", "topic": "TRAINING"}
PROGRESS = f"/v1/directives/{DIRECTIVE}/progress"


# Conferences.


async def test_a_conference_is_told_and_shown_with_whom_it_invited_and_its_speeches(boards: Served) -> None:
    invited = [invitation("HN", delegation="CITY_PARTY_COMMISSION"), invitation()]

    held = await tell(boards, "/v1/conferences", conference(kind="REVIEW", reviewed=DECISION, invitations=invited))
    first = await tell(boards, SPEECHES, SPEECH)
    second = await tell(boards, SPEECHES, {**SPEECH, "bloc": "DIVISION"})

    assert held["data"] == {"kind": "REVIEW", "reviewed": DECISION, "invitations": invited}
    assert envelope(held) == {
        "type": "boards.conference_held.v1",
        "subject": str(CONFERENCE),
        "unit": DISTRICT,
        "occurredon": TODAY,
        "version": 1,
    }
    assert (first["type"], first["data"]) == ("boards.speech_recorded.v1", {"bloc": "BOARD", "topic": "TRAINING"})
    assert (first["version"], second["version"]) == (2, 3)
    assert await shown(boards, f"/v1/conferences/{CONFERENCE}") == {
        "id": str(CONFERENCE),
        "unit": DISTRICT,
        "held": TODAY,
        "kind": "REVIEW",
        "reviewed_symbol": DECISION["symbol"],
        "reviewed_date": DECISION["date"],
        "reviewed_issuer": DECISION["issuer"],
        "invitations": invited,
        "speeches": [SPEECH, {**SPEECH, "bloc": "DIVISION"}],
        "history": [held, first, second],
    }


async def test_two_speeches_may_be_alike_and_one_asked_again_under_its_key_is_one(boards: Served) -> None:
    await tell(boards, "/v1/conferences", conference())

    for key in ("a", "a", "b"):
        assert (await ask(boards, SPEECHES, SPEECH, **{"Idempotency-Key": key})).status_code == 201

    assert (await shown(boards, f"/v1/conferences/{CONFERENCE}"))["speeches"] == [SPEECH, SPEECH]


@pytest.mark.parametrize(
    ("refused", "changed"),
    [
        ((409, "unit-not-yet-known", "/unit"), {"unit": "Q011"}),
        ((409, "unit-not-yet-known", "/unit"), {"unit": "Q004-00999-v1"}),
        ((409, "unit-not-yet-known", "/invitations"), {"invitations": [invitation("Q011")]}),
        ((409, "unit-not-yet-known", "/invitations"), {"invitations": [invitation("Q004-00999-v1")]}),
        ((422, "invited-twice", "/invitations"), {"invitations": [invitation(), invitation()]}),
        ((422, "more-came-than-were-invited", "/invitations/0/attended"), {"invitations": [invitation(attended=3)]}),
        ((422, "malformed", "/invitations"), {"invitations": [invitation(invited=10**30)]}),
        ((422, "in-the-future", "/on"), {"on": (DAY + timedelta(days=1)).isoformat()}),
        ((403, "outside-your-units", None), {"unit": "Q009"}),
    ],
)
async def test_a_conference_that_is_refused_leaves_nothing_behind(
    boards: Served, refused: tuple[int, str, str | None], changed: dict[str, Any]
) -> None:
    said = await refusal(boards, "/v1/conferences", conference(**changed), **boards.by(DISTRICT))

    assert said == refused
    assert await nothing_of(boards, CONFERENCE)
    assert (await shown(boards, "/v1/conferences"))["items"] == []


async def test_a_unit_that_ended_could_be_invited_on_its_last_day(boards: Served) -> None:
    last = (DAY - timedelta(days=2)).isoformat()

    await tell(boards, "/v1/conferences", conference(on=last, invitations=[invitation("Q004-00999-v1")]))


# Directives.


async def test_a_directive_is_told_and_shown_with_how_far_each_unit_has_come(boards: Served) -> None:
    await tell(boards, "/v1/conferences", conference())
    assignees = [assignee(WARD_ID), assignee(WARD_ID, "PEOPLES_COMMITTEE"), assignee(OTHER_WARD_ID)]

    issued = await tell(boards, "/v1/directives", directive(conference=str(CONFERENCE), assignees=assignees, due=TODAY))
    begun = await tell(boards, PROGRESS, {"on": TODAY, "by_unit": WARD_ID, "progress": "IN_PROGRESS"})
    done = await tell(boards, PROGRESS, {"on": TODAY, "by_unit": WARD_ID, "progress": "REPORTED_DONE"})
    other = await tell(boards, PROGRESS, {"on": TODAY, "by_unit": OTHER_WARD_ID, "progress": "ACKNOWLEDGED"})

    assert (issued["type"], issued["unit"], issued["data"]) == (
        "boards.directive_issued.v1",
        DISTRICT,
        {
            "conference": str(CONFERENCE),
            "number": 1,
            "title": "Đánh giá quy chế",
            "assignees": assignees,
            "due": TODAY,
        },
    )
    assert (done["type"], done["unit"], done["data"]) == (
        "boards.directive_progressed.v1",
        DISTRICT,
        {"by_unit": WARD_ID, "progress": "REPORTED_DONE"},
    )
    assert await shown(boards, f"/v1/directives/{DIRECTIVE}") == {
        "id": str(DIRECTIVE),
        "unit": DISTRICT,
        "conference": str(CONFERENCE),
        "number": 1,
        "title": "Đánh giá quy chế",
        "issued": TODAY,
        "due": TODAY,
        "assignees": assignees,
        "progress": [
            {"by_unit": WARD_ID, "progress": "REPORTED_DONE", "since": TODAY},
            {"by_unit": OTHER_WARD_ID, "progress": "ACKNOWLEDGED", "since": TODAY},
        ],
        "history": [issued, begun, done, other],
    }


async def test_a_directive_may_name_nobody_and_no_deadline_and_then_nobody_comes_further(boards: Served) -> None:
    issued = await tell(boards, "/v1/directives", directive())

    assert (issued["data"]["assignees"], issued["data"]["due"]) == ([], None)
    assert await refusal(boards, PROGRESS, {"on": TODAY, "by_unit": WARD_ID, "progress": "ACKNOWLEDGED"}) == (
        409,
        "not-assigned",
        "/by_unit",
    )


async def test_what_was_reported_done_is_sent_back_and_progress_goes_no_other_way_back(boards: Served) -> None:
    await tell(boards, "/v1/directives", directive(assignees=[assignee(WARD_ID)]))
    step = {"on": TODAY, "by_unit": WARD_ID}

    for progress in ("REPORTED_DONE", "IN_PROGRESS", "REPORTED_DONE", "VERIFIED"):
        await tell(boards, PROGRESS, {**step, "progress": progress})
    refused = await ask(boards, PROGRESS, {**step, "progress": "IN_PROGRESS"})

    said = refused.json()
    assert (refused.status_code, said["type"], said["progress"]) == (409, "not-forward", "VERIFIED")


async def test_a_number_is_given_once_in_a_conference_and_again_in_another_or_in_none(boards: Served) -> None:
    for one in (CONFERENCE, OTHER_CONFERENCE):
        await tell(boards, "/v1/conferences", conference(one))
        await tell(boards, "/v1/directives", directive(uuid4(), conference=str(one)))
    for _ in range(2):
        await tell(boards, "/v1/directives", directive(uuid4()))

    assert await refusal(boards, "/v1/directives", directive(conference=str(CONFERENCE))) == (
        409,
        "directive-number-taken",
        "/number",
    )
    assert await nothing_of(boards, DIRECTIVE)


async def test_of_many_who_give_the_same_number_one_does(boards: Served) -> None:
    await tell(boards, "/v1/conferences", conference())

    asked = await asyncio.gather(
        *(ask(boards, "/v1/directives", directive(uuid4(), conference=str(CONFERENCE))) for _ in range(6))
    )

    assert sorted(one.status_code for one in asked) == [201] + [409] * 5


@pytest.mark.parametrize(
    ("refused", "changed"),
    [
        ((409, "unit-not-yet-known", "/unit"), {"unit": "Q011"}),
        ((409, "unit-not-yet-known", "/assignees"), {"assignees": [assignee("Q004-00999-v1")]}),
        ((409, "conference-not-yet-known", "/conference"), {"conference": str(OTHER_CONFERENCE)}),
        ((409, "before-its-conference", "/on"), {"conference": str(CONFERENCE), "on": YESTERDAY}),
        ((422, "assigned-twice", "/assignees"), {"assignees": [assignee(WARD_ID)] * 2}),
        ((422, "due-before-it-was-issued", "/due"), {"due": YESTERDAY}),
    ],
)
async def test_a_directive_that_is_refused_leaves_nothing_behind(
    boards: Served, refused: tuple[int, str, str | None], changed: dict[str, Any]
) -> None:
    await tell(boards, "/v1/conferences", conference())

    assert await refusal(boards, "/v1/directives", directive(**changed)) == refused
    assert await nothing_of(boards, DIRECTIVE)


async def test_a_conference_of_another_district_is_as_if_it_were_not(boards: Served) -> None:
    await tell(boards, "/v1/conferences", conference(unit="Q009"))

    said = await refusal(boards, "/v1/directives", directive(conference=str(CONFERENCE)), **boards.by(DISTRICT))

    assert said == (409, "conference-not-yet-known", "/conference")


async def test_directives_are_listed_by_their_conference(boards: Served) -> None:
    await tell(boards, "/v1/conferences", conference())
    await tell(boards, "/v1/directives", directive(conference=str(CONFERENCE)))
    await tell(boards, "/v1/directives", directive(uuid4()))

    listed = await shown(boards, f"/v1/directives?conference={CONFERENCE}")

    assert [one["id"] for one in listed["items"]] == [str(DIRECTIVE)]


# Classes.


async def test_a_class_is_announced_held_and_shown_with_who_attended(boards: Served) -> None:
    attended = sorted(map(str, (HEAD, DEPUTY)))
    held_on = f"/v1/trainings/{TRAINING}/held"

    announced = await tell(boards, "/v1/trainings", training())
    held = await tell(boards, held_on, {"on": TODAY, "topics": ["FIRE", "RESCUE"], "attended": attended})

    assert (announced["type"], announced["data"]) == (
        "boards.training_announced.v1",
        {"topics": ["FIRE"], "held_on": TODAY},
    )
    assert (held["type"], held["data"]) == (
        "boards.training_held.v1",
        {"topics": ["FIRE", "RESCUE"], "attended": attended},
    )
    assert await shown(boards, f"/v1/trainings/{TRAINING}") == {
        "id": str(TRAINING),
        "unit": DISTRICT,
        "announced": YESTERDAY,
        "planned": TODAY,
        "topics": ["FIRE"],
        "held": TODAY,
        "taught": ["FIRE", "RESCUE"],
        "attended": attended,
        "history": [announced, held],
    }


async def test_a_class_not_yet_held_was_attended_by_nobody(boards: Served) -> None:
    await tell(boards, "/v1/trainings", training())

    said = await shown(boards, f"/v1/trainings/{TRAINING}")

    assert (said["held"], said["taught"], said["attended"]) == (None, None, [])


async def test_a_class_is_held_once_and_not_before_it_was_announced(boards: Served) -> None:
    path, held = f"/v1/trainings/{TRAINING}/held", {"on": TODAY, "topics": ["LAW"], "attended": []}

    assert await refusal(boards, path, held) == (404, "not-found", None)
    await tell(boards, "/v1/trainings", training())
    assert await refusal(boards, "/v1/trainings", training()) == (409, "training-already-announced", None)
    assert await refusal(boards, path, {**held, "on": (DAY - timedelta(days=2)).isoformat()}) == (
        409,
        "before-it-was-announced",
        "/on",
    )
    await tell(boards, path, held)

    assert await refusal(boards, path, held) == (409, "training-already-held", None)


# Commendations.


async def test_a_commendation_dates_from_its_decision_which_is_its_paper(boards: Served) -> None:
    decided = await tell(boards, "/v1/commendations", commendation())

    assert (decided["occurredon"], decided["unit"], decided["document"]) == (TODAY, DISTRICT, DECISION)
    assert decided["data"] == {"recipient": "COLLECTIVE", "decision": DECISION}
    assert await shown(boards, f"/v1/commendations/{COMMENDATION}") == {
        "id": str(COMMENDATION),
        "unit": DISTRICT,
        "decided": TODAY,
        "symbol": DECISION["symbol"],
        "issuer": DECISION["issuer"],
        "recipient": "COLLECTIVE",
        "history": [decided],
    }
    assert await refusal(boards, "/v1/commendations", commendation()) == (409, "commendation-already-recorded", None)


async def test_a_commendation_by_a_unit_of_no_day_is_asked_again_later(boards: Served) -> None:
    answer = await ask(boards, "/v1/commendations", commendation(unit="Q004-00999-v1"))

    assert (answer.status_code, answer.json()["type"], answer.headers["Retry-After"]) == (
        409,
        "unit-not-yet-known",
        "1",
    )
    assert await nothing_of(boards, COMMENDATION)


# Scope.

PATHS = {
    "/v1/conferences": CONFERENCE,
    "/v1/directives": DIRECTIVE,
    "/v1/trainings": TRAINING,
    "/v1/commendations": COMMENDATION,
}


async def everything(served: Served) -> None:
    await tell(served, "/v1/conferences", conference())
    await tell(served, "/v1/directives", directive(assignees=[assignee(WARD_ID)]))
    await tell(served, "/v1/trainings", training())
    await tell(served, "/v1/commendations", commendation())


@pytest.mark.parametrize("path", PATHS)
async def test_who_covers_the_unit_sees_it_and_another_district_does_not(boards: Served, path: str) -> None:
    await everything(boards)
    own, other = boards.by(DISTRICT), boards.by(FAR)

    assert [one["id"] for one in (await shown(boards, path, **own))["items"]] == [str(PATHS[path])]
    assert (await shown(boards, f"{path}/{PATHS[path]}", **own))["id"] == str(PATHS[path])
    assert (await shown(boards, path, **other))["items"] == []
    assert (await boards.client.get(f"{path}/{PATHS[path]}", headers=other)).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_reading_and_writing_need_their_permissions(boards: Served, path: str) -> None:
    await everything(boards)
    writer, reader = boards.by(permissions=("programme.write",)), boards.by(permissions=("programme.read",))

    assert (await boards.client.get(path, headers=writer)).status_code == 403
    assert (await boards.client.get(f"{path}/{PATHS[path]}", headers=writer)).status_code == 403
    assert await refusal(boards, path, {}, **reader) == (403, "not-permitted", None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SPEECHES, SPEECH),
        (PROGRESS, {"on": TODAY, "by_unit": WARD_ID, "progress": "ACKNOWLEDGED"}),
        (f"/v1/trainings/{TRAINING}/held", {"on": TODAY, "topics": ["LAW"], "attended": []}),
    ],
)
async def test_nobody_adds_to_what_another_district_began(boards: Served, path: str, body: dict[str, Any]) -> None:
    await everything(boards)

    assert await refusal(boards, path, body, **boards.by(FAR)) == (404, "not-found", None)
    assert (await ask(boards, path, body, **boards.by(DISTRICT))).status_code == 201


@pytest.mark.parametrize("path", PATHS)
async def test_lists_come_in_pages(boards: Served, path: str) -> None:
    await everything(boards)
    more = {
        "/v1/conferences": conference(uuid4()),
        "/v1/directives": directive(uuid4()),
        "/v1/trainings": training(training_id=str(uuid4())),
        "/v1/commendations": commendation(commendation_id=str(uuid4())),
    }
    await tell(boards, path, more[path])

    first = await shown(boards, f"{path}?limit=1")
    second = await shown(boards, f"{path}?limit=1&cursor={first['next']}")

    whole = (await shown(boards, path))["items"]
    assert [*first["items"], *second["items"]] == whole
    assert (len(whole), second["next"]) == (2, None)
