"""The documents say what the code does, and no change of them breaks who reads events."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops import contracts
from ops.console import Fault
from ops.contracts import API, incompatible
from ops.services import SERVICES
from shared.events import EVERY, BoardFormed, PetitionFiled

Document = dict[str, Any]
COMMITTED = contracts.committed(API)
SERVICE_NAMES = sorted(SERVICES)


def read(name: str) -> Document:
    document: Document = json.loads(COMMITTED[name])
    return document


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def open_to_everybody(document: Document) -> list[str]:
    """Return what can be asked without a token."""
    return [name for name, operation in operations(document) if operation.get("security") != [{"HTTPBearer": []}]]


# What is committed is what the code says.


def test_the_documents_are_those_of_the_code() -> None:
    assert contracts.differences(COMMITTED, contracts.generate()) == [], "chungcu contracts write"


def test_a_document_that_is_missing_superfluous_or_different_is_named() -> None:
    found = contracts.differences({"same": "1", "old": "1", "changed": "1"}, {"same": "1", "new": "1", "changed": "2"})

    assert [one.partition(":")[0] for one in found] == ["new", "old", "changed"]


def test_check_names_what_differs_and_write_mends_it(tmp_path: Path) -> None:
    command = CliRunner()
    assert command.invoke(contracts.contracts_app, ["write", "--folder", str(tmp_path)]).exit_code == 0
    (tmp_path / "boards.openapi.json").write_text("{}\n")

    before = command.invoke(contracts.contracts_app, ["check", "--folder", str(tmp_path)])
    written = command.invoke(contracts.contracts_app, ["write", "--folder", str(tmp_path)])
    after = command.invoke(contracts.contracts_app, ["check", "--folder", str(tmp_path)])

    assert (before.exit_code, written.exit_code, after.exit_code) == (1, 0, 0)
    assert "boards.openapi.json" in before.output
    assert contracts.committed(tmp_path) == COMMITTED


def test_write_refuses_to_break_an_event_and_writes_nothing(tmp_path: Path) -> None:
    command = CliRunner()
    command.invoke(contracts.contracts_app, ["write", "--folder", str(tmp_path)])
    file = tmp_path / "schemas" / "boards.petition_filed.v1.json"
    older = json.loads(file.read_text())
    older["$defs"]["PetitionFiledData"]["properties"]["petitioner"] = {"type": "string"}
    file.write_text(json.dumps(older))

    refused = command.invoke(contracts.contracts_app, ["write", "--folder", str(tmp_path)])

    assert isinstance(refused.exception, Fault)
    assert "boards.petition_filed.v1: /data/petitioner: field removed" in str(refused.exception)
    assert json.loads(file.read_text()) == older


def test_an_event_that_was_ever_told_keeps_its_document() -> None:
    gone = {name: text for name, text in COMMITTED.items() if "board_closed" not in name}

    assert contracts.breaks(COMMITTED, gone) == ["boards.board_closed.v1: removed"]


# What a change may do.


def older() -> Document:
    return contracts.schema(PetitionFiled)


def changed(change: Callable[[Document], object]) -> Document:
    later = copy.deepcopy(older())
    change(later["$defs"]["PetitionFiledData"])
    return later


def envelope_changed(change: Callable[[Document], object]) -> Document:
    later = copy.deepcopy(older())
    change(later)
    return later


def enumeration_changed(change: Callable[[list[str]], object]) -> Document:
    later = copy.deepcopy(older())
    change(later["$defs"]["Topic"]["enum"])
    return later


def choices(data: Document) -> list[Document]:
    found: list[Document] = data["properties"]["building"]["anyOf"]
    return found


COMPATIBLE = {
    "nothing": changed(lambda _: None),
    "an optional field": changed(lambda data: data["properties"].update(story={"type": "string", "default": None})),
    "an optional attribute": envelope_changed(lambda all_: all_["properties"].update(later={"type": "string"})),
    "other words": changed(lambda data: data.update(description="Said better.", title="Other")),
    "other words of a field": changed(lambda data: data["properties"]["building"].update(description="Better.")),
    "fields in another order": changed(
        lambda data: data.update(
            required=data["required"][::-1], properties=dict(reversed(list(data["properties"].items())))
        )
    ),
}

INCOMPATIBLE = {
    "field removed": (
        changed(lambda data: (data["properties"].pop("topic"), data["required"].remove("topic"))),
        "/data/topic: field removed",
    ),
    "attribute removed": (
        envelope_changed(lambda all_: all_["properties"].pop("regime")),
        "/regime: field removed",
    ),
    "type changed": (
        changed(lambda data: data["properties"].update(channel={"type": "integer"})),
        '/data/channel: type "string" → "integer"',
    ),
    "new required field": (
        changed(lambda data: (data["properties"].update(new={"type": "string"}), data["required"].append("new"))),
        "/data/new: new field is required",
    ),
    "optional attribute required": (
        envelope_changed(lambda all_: all_["required"].append("regime")),
        "/regime: now required",
    ),
    "required field optional": (
        changed(lambda data: data["required"].remove("kind")),
        "/data/kind: no longer required",
    ),
    "value removed": (enumeration_changed(lambda values: values.remove("BOARD")), "/data/topic: value BOARD removed"),
    "value added": (enumeration_changed(lambda values: values.append("NOISE")), "/data/topic: value NOISE added"),
    "length narrowed": (
        envelope_changed(lambda all_: all_["properties"]["subject"].update(maxLength=50)),
        "/subject: maxLength 100 → 50",
    ),
    "range narrowed": (
        envelope_changed(lambda all_: all_["properties"]["version"].update(maximum=9)),
        "/version: maximum — → 9",
    ),
    "format changed": (
        changed(lambda data: choices(data)[0].update(format="uri")),
        '/data/building: format "uuid" → "uri"',
    ),
    "null no longer allowed": (
        changed(lambda data: choices(data).pop()),
        "/data/building: 2 choices → 1",
    ),
    "extra fields no longer allowed": (
        changed(lambda data: data.update(additionalProperties=False)),
        "/data: additionalProperties — → false",
    ),
    "another type": (
        envelope_changed(lambda all_: all_["properties"]["type"].update(const="boards.petition_filed.v2")),
        '/type: const "boards.petition_filed.v1" → "boards.petition_filed.v2"',
    ),
}


@pytest.mark.parametrize("later", COMPATIBLE.values(), ids=COMPATIBLE)
def test_what_both_editions_read_is_allowed(later: Document) -> None:
    assert incompatible(older(), later) == []


@pytest.mark.parametrize(("later", "said"), INCOMPATIBLE.values(), ids=INCOMPATIBLE)
def test_anything_else_is_refused_by_name(later: Document, said: str) -> None:
    assert said in incompatible(older(), later)


def test_what_a_list_holds_is_compared_too() -> None:
    later = copy.deepcopy(contracts.schema(BoardFormed))
    later["$defs"]["Member"]["properties"]["role"] = {"type": "integer"}

    assert '/data/members/*/role: type "string" → "integer"' in incompatible(contracts.schema(BoardFormed), later)


# What the documents say.


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_nothing_can_be_asked_without_a_token(name: str) -> None:
    assert open_to_everybody(read(f"{name}.openapi.json")) == []


def test_what_could_be_asked_without_a_token_would_be_noticed() -> None:
    document = read("boards.openapi.json")
    del document["paths"]["/v1/boards"]["get"]["security"]

    assert open_to_everybody(document) == ["GET /v1/boards"]


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_every_command_says_which_event_it_tells(name: str) -> None:
    told = {event.__name__: event for event in EVERY if event.source == name}

    for asked, operation in operations(read(f"{name}.openapi.json")):
        if asked.startswith("POST") and "Tells nothing" not in operation["description"]:
            answer = operation["responses"]["201"]["content"]["application/json"]["schema"]["$ref"]
            event = told[answer.rpartition("/")[2]]
            assert f"Tells `{event.type}`." in operation["description"], asked
            assert "Needs `" in operation["description"], asked


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_every_operation_says_what_it_is_for(name: str) -> None:
    for asked, operation in operations(read(f"{name}.openapi.json")):
        first = operation["description"].partition("\n")[0]
        assert first.endswith("."), asked
        assert operation["tags"], asked


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_what_a_service_tells_and_hears_is_described(name: str) -> None:
    document = read(f"{name}.asyncapi.json")
    tells = {f"tells.{event.type}" for event in EVERY if event.source == name}
    readers = [one for one in (SERVICES[name].consumers, SERVICES[name].restricted) if one]
    hears = {f"hears.{event.type}" for one in readers for event in one.hears}

    assert document["asyncapi"].startswith("3.")
    assert set(document["channels"]) == tells | hears
    assert {one["action"] for one in document["operations"].values()} == {"send", "receive"}
    for channel, described in document["channels"].items():
        verb, _, kind = channel.partition(".")
        assert described["address"] == f"{kind}.#"
        assert verb in ("tells", "hears")
        binding = described["bindings"]["amqp"]
        exchange = "chungcu.restricted" if "participation" in channel else "chungcu.events"
        assert binding["exchange"]["name"] == exchange if verb == "tells" else name in binding["queue"]["name"]


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_every_reference_leads_somewhere(name: str) -> None:
    document = read(f"{name}.asyncapi.json")

    for reference in references(document):
        here: Any = document
        for part in reference.removeprefix("#/").split("/"):
            here = here[part]


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for one in part:
            yield from references(one)


def test_two_words_that_are_the_same_in_two_services_stay_apart() -> None:
    schemas = read("notifications.asyncapi.json")["components"]["schemas"]

    petition = schemas["boards.petition_filed.v1"]["$defs"]["Channel"]["enum"]
    contact = schemas["notifications.contact_recorded.v1"]["$defs"]["Channel"]["enum"]

    assert petition == ["COUNTER", "POST", "PORTAL", "HOTLINE"]
    assert contact == ["INBOX", "EMAIL"]
