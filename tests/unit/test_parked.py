"""What operators see cannot harm their terminal, and what they edit is checked before it is stored."""

import json
import stat
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from ops.console import Fault
from ops.parked import acts, drafts, sight
from shared.consumers.operating import By
from tests.examples import BUILDING, ONE_OF_EACH, building_registered, made, told

TOLD = told(building_registered(), 3)
NASTY = "\x1b[2J\x9b31m\u202eabc\u2066\x07\r\u2028\U000e0041\x7f"
"""What clears a screen, colours it, turns the writing round, rings, or hides."""


def body(**changed: Any) -> bytes:
    """Return the body of a building with attributes or fields changed; a field is named `data_blocks`."""
    said = json.loads(TOLD.body)
    for name, value in changed.items():
        (said["data"] if name.startswith("data_") else said)[name.removeprefix("data_")] = value
    return json.dumps(said).encode()


# Shown.


def unseen(text: str) -> list[str]:
    return [one for one in text if unicodedata.category(one)[0] == "C" or unicodedata.category(one) in {"Zl", "Zp"}]


def test_nothing_of_a_text_steers_a_terminal_and_vietnamese_stays() -> None:
    assert len(unseen(NASTY)) == len([one for one in NASTY if one not in "[2J31mabc"])
    assert unseen(sight.plain(NASTY)) == []
    assert sight.plain("Nhà chung cư số 7, phường Ngọc Thụy") == "Nhà chung cư số 7, phường Ngọc Thụy"
    assert sight.plain("a\nb\x1b", lines=True) == "a\nb\\u001b"


@pytest.mark.parametrize("raw", [NASTY.encode(), b"\xff\xfe\x1b[2J", b'{"a": "\xc2\x9b2J\xe2\x80\xae"}', b"[" * 5000])
def test_a_body_is_shown_whatever_it_is(raw: bytes) -> None:
    assert set(unseen(sight.readable(raw))) <= {"\n"}


def test_a_body_that_is_json_is_still_the_same_json_when_shown() -> None:
    raw = json.dumps({"data": {"name": NASTY, "list": [1, None, "Tổ 7"]}}).encode()

    shown = sight.readable(raw)

    assert json.loads(shown) == json.loads(raw)
    assert "Tổ 7" in shown


def test_an_edit_is_shown_as_the_lines_it_changed() -> None:
    shown = sight.difference(body(data_blocks="two"), body(data_blocks=2))

    assert [line for line in shown if line[0] in "+-"] == ['-    "blocks": "two",', '+    "blocks": 2,']


# Understood.


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"no json", "not JSON"),
        (b"[]", "type: missing"),
        (body(type=["x"]), "type: missing"),
        (body(version=0), "version: greater_than_equal — Input should be greater than or equal to 1"),
        (body(data_blocks="two"), "data.blocks: int_parsing — Input should be a valid integer, unable to parse string"),
        (body(data_owners="NOBODY"), "data.owners: enum — Input should be 'SINGLE' or 'MULTIPLE'"),
        (body(data="x"), "data: not an object"),
        (body(type="buildings.building_registered.v7"), "known editions: buildings.building_registered.v1"),
        (body(type="buildings.castle_built.v1"), "known editions: không có · none"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(raw: bytes, said: str) -> None:
    (fault,) = drafts.faults("boards", raw)

    assert said in fault


def test_several_faults_are_said_each() -> None:
    assert len(drafts.faults("boards", body(data_blocks="two", data_storeys=1))) == 2


def test_a_fact_of_the_other_exchange_does_not_belong_here() -> None:
    restricted = told(next(one for one in ONE_OF_EACH if one.restricted))

    (in_the_open,) = drafts.faults("reporting", restricted.body)
    (apart,) = drafts.faults("reporting.restricted", TOLD.body)

    assert "restricted events go apart" in in_the_open
    assert "restricted events go apart" in apart
    assert drafts.faults("reporting.restricted", restricted.body) == []
    assert drafts.faults("reporting", TOLD.body) == []


# Edited.


def test_fields_are_set_to_json_values_also_within_lists() -> None:
    board = b'{"data": {"members": [{"role": "HEAD"}, {"role": "x"}], "name": "a"}}'

    changed = drafts.with_fields(board, ['data.members.1.role="DEPUTY"', "data.name=null", "data.new=[1]"])

    assert json.loads(changed) == {
        "data": {"members": [{"role": "HEAD"}, {"role": "DEPUTY"}], "name": None, "new": [1]}
    }


@pytest.mark.parametrize("change", ["data.blocks=two", "data.blocks", "data.members.7.role=1", "nowhere.x=1", "id.x=1"])
def test_what_cannot_be_set_is_refused(change: str) -> None:
    with pytest.raises(Fault):
        drafts.with_fields(body(data_members=[]), [change])


def test_an_edited_body_that_fits_is_stored_as_json_in_one_line() -> None:
    after = drafts.checked("boards", TOLD.id, body(data_blocks="two"), sight.readable(body(data_blocks=2)))

    assert json.loads(after) == json.loads(body(data_blocks=2))
    assert b"\n" not in after


@pytest.mark.parametrize(
    ("edited", "said"),
    [
        (body(data_blocks=2, id=str(made("other"))), f"id: phải giữ nguyên · must stay {TOLD.id}"),
        (body(data_blocks=0), "data.blocks: greater_than_equal"),
        (body(data_blocks=2, type="buildings.building_registered.v7"), "known editions"),
        (body(data_blocks=2, data_more="x" * 300_000), "Too large"),
        (b"{", "no JSON"),
        (b"[]", "type: missing"),
    ],
)
def test_an_edited_body_that_does_not_fit_is_refused_in_words(edited: bytes, said: str) -> None:
    with pytest.raises(Fault) as refused:
        drafts.checked("boards", TOLD.id, body(data_blocks="two"), edited.decode())

    assert said in f"{refused.value.wrong}\n{refused.value.remedy}"


def test_what_had_no_id_gets_the_one_it_was_parked_under() -> None:
    parked_under = made("garbage")

    with pytest.raises(Fault, match="contract"):
        drafts.checked("boards", parked_under, b"garbage", body().decode())
    assert drafts.checked("boards", parked_under, b"garbage", body(id=str(parked_under)).decode())


def test_a_body_left_as_it_was_is_no_edit_and_a_truth_is_no_one() -> None:
    with pytest.raises(drafts.Unchanged):
        drafts.checked("boards", TOLD.id, body(), sight.readable(body()))
    with pytest.raises(drafts.Unchanged):
        drafts.checked("boards", TOLD.id, body(), json.dumps(dict(reversed(json.loads(body()).items()))))
    assert drafts.checked("boards", TOLD.id, body(data_lift=1), body(data_lift=True).decode())


def test_an_editor_gets_the_body_and_its_draft_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    seen = tmp_path / "seen"
    script.write_text(
        "import pathlib, sys\n"
        "draft = pathlib.Path(sys.argv[1])\n"
        f"pathlib.Path({str(seen)!r}).write_text(f'{{draft}}\\n{{draft.stat().st_mode}}')\n"
        "draft.write_text(draft.read_text().replace('\"two\"', '2'))\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")

    written = drafts.in_editor(TOLD.id, body(data_blocks="two"))

    draft, mode = seen.read_text().splitlines()
    assert json.loads(written) == json.loads(body(data_blocks=2))
    assert not Path(draft).exists()
    assert stat.S_IMODE(int(mode)) == 0o600


def test_an_editor_that_fails_leaves_the_draft_and_one_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", f"{sys.executable} -c exit(3)")
    with pytest.raises(Fault) as failed:
        drafts.in_editor(TOLD.id, body())
    monkeypatch.setenv("VISUAL", "/nowhere/vi")
    with pytest.raises(Fault, match="does not open"):
        drafts.in_editor(TOLD.id, body())

    draft = Path(failed.value.remedy.rpartition(" ")[2])
    assert json.loads(draft.read_text()) == json.loads(body())
    draft.unlink()


def test_a_refused_edit_says_where_the_draft_is(tmp_path: Path) -> None:
    kept = drafts.refused(Fault("x", "y"), BUILDING, "mine", None)
    given = drafts.refused(Fault("x", "y"), BUILDING, "mine", tmp_path / "body.json")

    draft = Path(kept.remedy.rpartition(" ")[2])
    assert draft.read_text() == "mine"
    assert str(tmp_path / "body.json") in given.remedy
    draft.unlink()


# Who, and why.


def test_who_acts_is_named_by_the_variable_or_by_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "nguyen.van.a")
    monkeypatch.delenv("CHUNGCU_OPERATOR", raising=False)
    assert acts.by(None) == By("nguyen.van.a")

    monkeypatch.setenv("CHUNGCU_OPERATOR", "Trần Thị B\x1b")
    assert acts.by("  the source  sent it twice ") == By("Trần Thị B\\u001b", "the source sent it twice")


@pytest.mark.parametrize("reason", ["", "   ", "too short", "a  b  c  d  "])
def test_a_reason_that_is_none_is_refused(reason: str) -> None:
    with pytest.raises(Fault):
        acts.by(reason, needed=True)


def test_a_restricted_part_is_looked_at_for_a_purpose() -> None:
    with pytest.raises(Fault, match="Restricted"):
        acts.purpose(["reporting", "reporting.restricted"], None)

    assert acts.purpose(["reporting"], None) is None
    assert acts.purpose(["reporting.restricted"], "to see which field is wrong") is not None
