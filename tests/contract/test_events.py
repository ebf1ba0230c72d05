"""Every event ever told can be read for ever, under a name that says what it is."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.events import CATALOGUE, ENVELOPE, EVERY, Circumstances, Event, Told, cloud_event, data_model, hear, tell
from tests.examples import ONE_OF_EACH

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(GOLDEN.glob("*.json"))


def again(told: Told[Event]) -> Told[Event]:
    """Tell once more what was heard."""
    return tell(
        told.event,
        Circumstances(
            id=told.id,
            time=told.time,
            actor=told.actor,
            correlation=told.correlation,
            version=told.version,
            causation=told.causation,
            traceparent=told.traceparent,
            document=told.document,
            corrects=told.corrects,
            takeover=told.takeover,
            regime=told.regime,
        ),
    )


def as_it_was(told: Told[Event], said: dict[str, Any]) -> dict[str, Any]:
    """Tell once more, and leave out what the fact's contract has gained since and gives a default."""
    now = json.loads(again(told).body)
    gained = {name for name in now["data"].keys() - said["data"].keys() if not told.event.model_fields_set & {name}}
    return {**now, "data": {name: value for name, value in now["data"].items() if name not in gained}}


def sample(event: type[Event]) -> bytes:
    return (GOLDEN / f"{event.type}.json").read_bytes()


def test_every_event_has_a_sample_kept_for_ever() -> None:
    lacking = [event.type for event in EVERY if not (GOLDEN / f"{event.type}.json").exists()]

    assert not lacking, "keep the body of tests.examples.told(…) with every attribute set, and never change it"


def test_every_event_has_an_example() -> None:
    assert [type(event) for event in ONE_OF_EACH] == list(EVERY)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_is_read_and_loses_nothing(file: Path) -> None:
    body = file.read_bytes()

    told = hear(body, CATALOGUE)

    assert told.type == file.stem
    assert as_it_was(told, json.loads(body)) == json.loads(body)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_has_every_attribute_of_the_envelope(file: Path) -> None:
    assert json.loads(file.read_bytes()).keys() == ENVELOPE


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_of_a_later_edition_with_one_field_more_is_still_read(file: Path) -> None:
    said = json.loads(file.read_bytes())
    later = {**said, "later": "more", "data": {**said["data"], "later_field": {"any": ["thing"]}}}

    told = hear(json.dumps(later).encode(), CATALOGUE)

    assert told.event == hear(file.read_bytes(), CATALOGUE).event


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_the_optional_attributes_may_be_absent(file: Path) -> None:
    said = json.loads(file.read_bytes())
    optional = ("causationid", "traceparent", "document", "corrects", "takeover", "regime")
    bare = {name: value for name, value in said.items() if name not in optional}

    told = hear(json.dumps(bare).encode(), CATALOGUE)

    assert as_it_was(told, bare) == bare


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_without_data_takes_its_fact_back(file: Path) -> None:
    said = {**json.loads(file.read_bytes()), "data": None}

    told = hear(json.dumps(said).encode(), CATALOGUE)

    assert told.withdrawn
    assert (told.subject, str(told.corrects)) == (said["subject"], said["corrects"])


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.type)
def test_no_field_bears_the_name_of_an_attribute(event: type[Event]) -> None:
    assert not data_model(event).model_fields.keys() & ENVELOPE


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.type)
def test_a_type_is_service_fact_and_edition(event: type[Event]) -> None:
    assert re.fullmatch(r"(buildings|boards|notifications|reporting)\.[a-z]+(_[a-z]+)*\.v[1-9]\d*", event.type)
    assert event.type.replace("_", "").split(".")[1] == event.__name__.lower()


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.type)
def test_an_event_says_what_it_is(event: type[Event]) -> None:
    said = inspect.cleandoc(event.__dict__.get("__doc__") or "")

    assert said.partition("\n")[0].endswith(".")


def test_types_are_unique() -> None:
    assert len(CATALOGUE) == len(EVERY)


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.type)
def test_a_told_event_is_described_by_its_model(event: type[Event]) -> None:
    read = cloud_event(event).model_validate_json(sample(event))

    assert read.model_dump(mode="json", exclude_none=True, by_alias=True).keys() == ENVELOPE
