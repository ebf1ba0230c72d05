"""What is told is a CloudEvent that says the same when it is heard; what cannot be heard is refused without a word of it."""

import json
from datetime import date
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events import CATALOGUE, BoardFormed, Document, Text, UnitId, UnitPath, UnknownEvent, Unreadable, hear
from shared.events.base import Event
from shared.uuids import uuid7
from tests.examples import BATCH, DAY, DECISION, WARD, board_formed, made, petition_filed, told

SECRET = "Nguyễn Văn Minh Họa"


def test_what_is_told_is_heard() -> None:
    said = told(
        board_formed(),
        3,
        causation=made("cause"),
        traceparent="00-aa-bb-01",
        document=DECISION,
        corrects=made("earlier"),
        takeover=BATCH,
        regime="05/2024/TT-BXD",
    )

    assert hear(said.body, CATALOGUE) == said


def test_a_told_fact_is_a_structured_cloud_event() -> None:
    said = json.loads(told(petition_filed()).body)

    assert said == {
        "specversion": "1.0",
        "id": said["id"],
        "source": "/services/boards",
        "type": "boards.petition_filed.v1",
        "subject": str(made("petition")),
        "time": "2026-03-02T03:00:00Z",
        "occurredon": "2026-03-02",
        "version": 1,
        "unit": WARD,
        "actor": "tester",
        "correlationid": str(made("request")),
        "datacontenttype": "application/json",
        "dataschema": "urn:chungcu:schema:boards.petition_filed.v1",
        "data": {
            "kind": "COMPLAINT",
            "topic": "FIRE_SAFETY",
            "channel": "POST",
            "building": str(made("building")),
        },
    }


def test_only_what_corrects_can_take_back() -> None:
    said = json.loads(told(petition_filed()).body)

    with pytest.raises(Unreadable, match="data"):
        hear(json.dumps({**said, "data": None}).encode(), CATALOGUE)
    assert hear(json.dumps({**said, "data": None, "corrects": str(made("earlier"))}).encode(), CATALOGUE).withdrawn


def test_a_class_names_its_type() -> None:
    assert (BoardFormed.source, BoardFormed.type) == ("boards", "boards.board_formed.v1")


def test_a_later_edition_is_another_type() -> None:
    class BoardFormed(Event):  # the name of a fact that has an edition already
        """Like the first edition, and more."""

        edition = 2

    assert BoardFormed.type.endswith(".board_formed.v2")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"{}",
        b'{"type": "boards.board_formed.v1"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_cloud_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        hear(body, CATALOGUE)


@pytest.mark.parametrize("kind", ["boards.board_formed.v2", "boards.board_sold.v1"])
def test_a_type_outside_the_contracts_is_unknown(kind: str) -> None:
    said = {**json.loads(told(petition_filed()).body), "type": kind}

    with pytest.raises(UnknownEvent, match=kind):
        hear(json.dumps(said).encode(), CATALOGUE)


@pytest.mark.parametrize(
    "changed",
    [{"data": {"kind": SECRET}}, {"unit": SECRET}, {"version": 0}, {"id": SECRET}, {"data": SECRET}, {"time": SECRET}],
)
def test_a_fault_names_fields_and_never_values(changed: dict[str, object]) -> None:
    said = {**json.loads(told(petition_filed()).body), **changed}

    with pytest.raises(Unreadable) as refused:
        hear(json.dumps(said).encode(), CATALOGUE)

    assert "Nguyễn" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("written", "kept"),
    [("  Tổ 7 ", "Tổ 7"), ("Ngo\u0323c Thu\u0323y", "Ngọc Thụy"), ("a" * 500, "a" * 500)],
)
def test_text_is_trimmed_and_composed(written: str, kept: str) -> None:
    assert TypeAdapter(Text).validate_python(written) == kept


@pytest.mark.parametrize("written", ["", "   ", "a\0b", "a\nb", "a\x85b", "a" * 501])
def test_text_has_no_control_characters_and_an_end(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Text).validate_python(written)


@pytest.mark.parametrize("unit", ["HN", "Q004", "Q004-00121-v1"])
def test_a_unit_has_an_id(unit: str) -> None:
    assert TypeAdapter(UnitId).validate_python(unit) == unit


@pytest.mark.parametrize("unit", ["", "00121", "hn", "HN.Q004", "HN ", "H" * 33, "HN\n"])
def test_an_official_code_is_no_id(unit: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(UnitId).validate_python(unit)


@pytest.mark.parametrize("path", ["", ".", "HN.", "HN..Q004", "HN.#", "HN.*", "hn.q004", "HN.Q004\n"])
def test_a_path_leads_through_ids(path: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(UnitPath).validate_python(path)


def test_facts_are_compared_by_content_and_never_changed() -> None:
    one, other = DECISION, Document(symbol="minh-hoa-01/QĐ-UBND", date=DAY, issuer="UBND quận minh họa")

    assert one == other
    with pytest.raises(ValidationError):
        one.date = date(2020, 1, 1)  # type: ignore[misc]


def test_ids_sort_by_time_and_are_of_version_7() -> None:
    ids = [uuid7() for _ in range(100)]

    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert len(set(ids)) == 100
    assert [one.int >> 80 for one in ids] == sorted(one.int >> 80 for one in ids)
    assert isinstance(ids[0], UUID)
