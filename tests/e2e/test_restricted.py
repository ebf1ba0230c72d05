"""Restricted lines are for those permitted, for whole declared periods; and a person who is forgotten stays forgotten."""

import copy
import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from ops.stories import story
from services.reporting.domain.export import HIDDEN, for_export
from tests.e2e.figures import FIGURES
from tests.e2e.system import REVIEW, STORY, System, people_with_a_tie, wait_for
from tests.e2e.test_story import line

RESTRICTED = ("LB-07", "LB-08", "LB-09", "LB-10", "LB-11a", "LB-11b", "LB-12a", "LB-12b")
SMALL = 5
WARD = "Q004-00151-v1"
"""Phúc Đồng, whose two office holders are the small figure of the source."""


def asked(system: System, *permissions: str, **more: str) -> dict[str, Any]:
    """Return the review as somebody with these permissions sees it."""
    token = system.token("reports.read", *permissions)
    answer = system.ask("reporting", "GET", "/v1/reports/thong-tri-05", token=token, params={**REVIEW, **more})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_without_the_permission_restricted_lines_show_what_was_declared_and_that_they_are_restricted(
    told: System,
) -> None:
    report = asked(told)

    for code in RESTRICTED:
        shown = line(report, code)
        assert (shown["computed"], shown["withheld"], shown["restricted"]) == (None, "permission", True)
        assert {part["computed"] for part in shown["parts"]} <= {None}
    assert [line(report, code)["declared"] for code in RESTRICTED] == [65, 43, 29, 22, 35, 8, 10, None]
    assert line(report, "LB-05")["computed"] == 8


def test_with_the_permission_they_are_counted(told: System) -> None:
    report = asked(told, "reports.participation")

    assert {code: line(report, code)["display"] for code in RESTRICTED} == {code: FIGURES[code] for code in RESTRICTED}
    assert line(report, "LB-12b")["small"]
    assert [line(report, code)["difference"] for code in RESTRICTED] == [0] * len(RESTRICTED)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"to": "2022-11-30"}, "period"),
        ({"from": "2021-10-01"}, "period"),
        ({"unit": WARD}, "unit"),
        ({"unit": "HN"}, "period"),
        ({"as_of": "100"}, "earlier"),
    ],
)
def test_no_two_answers_can_be_subtracted(told: System, more: dict[str, str], why: str) -> None:
    report = asked(told, "reports.participation", **more)

    assert {line(report, code)["withheld"] for code in RESTRICTED} == {why}
    assert {line(report, code)["computed"] for code in RESTRICTED} == {None}


def test_what_made_a_restricted_number_is_told_to_those_permitted_without_naming_anything(told: System) -> None:
    path = "/v1/reports/thong-tri-05/lines/LB-12b/explain"
    without = told.ask("reporting", "GET", path, token=told.token("reports.read"), params=REVIEW)
    permitted = told.token("reports.read", "reports.participation")
    answer = told.ask("reporting", "GET", path, token=permitted, params=REVIEW).json()

    assert (without.status_code, without.json()["withheld"]) == (403, "permission")
    assert answer["entries"] == {}
    assert {one["ward"] for one in answer["participations"]} == {WARD}


# What is passed on.


def exported(told: System, permission: str) -> dict[str, str]:
    """Return every export somebody can have, as text, by its form."""
    token = told.token("reports.read", permission)
    texts = {}
    for path in ("/v1/reports/thong-tri-05", "/reports/thong-tri-05.docx", "/reports/thong-tri-05.xlsx"):
        params = {**REVIEW, **({"format": "csv"} if path.startswith("/v1") else {})}
        answer = told.ask("reporting", "GET", path, token=token, params=params)
        assert answer.status_code == 200, answer.text
        texts[path] = answer.content.decode("utf-8-sig") if path.startswith("/v1") else unpacked(answer.content)
    return texts


def unpacked(document: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


@pytest.mark.parametrize("permission", ["reports.participation", "boards.read"])
def test_an_export_leaves_the_two_of_phuc_dong_out_and_nothing_gives_them_back(told: System, permission: str) -> None:
    rows = {
        row["code"]: row for row in csv.DictReader(io.StringIO(exported(told, permission)["/v1/reports/thong-tri-05"]))
    }

    hidden = rows["LB-12b"]
    columns = ("computed", "numerator", "denominator", "declared", "difference")
    assert {hidden[column] for column in columns} <= {"", HIDDEN}
    assert hidden["declaration"] == HIDDEN


@pytest.mark.parametrize("truly", [0, 1, 3, 4])
def test_an_export_would_be_the_same_to_the_letter_were_it_another_small_number(told: System, truly: int) -> None:
    report = asked(told, "reports.participation")
    other = copy.deepcopy(report)
    changed = line(other, "LB-12b")
    changed |= {"computed": truly, "numerator": truly, "declared": truly, "display": str(truly), "difference": 0}
    changed["declaration"] |= {"value": truly, "display": str(truly)}
    changed["parts"][0] |= {"computed": truly, "declared": truly}
    other["lines"] = [changed if one["code"] == "LB-12b" else one for one in other["lines"]]

    assert other != report
    assert for_export(other) == for_export(report)


def test_the_ward_sheet_of_a_workbook_lets_no_small_cell_be_reckoned(told: System) -> None:
    report = asked(told, "reports.participation")
    shown = for_export(report)

    for code in RESTRICTED:
        whole, parts = line(shown, code)["computed"], line(shown, code)["parts"]
        hidden = [part for part in parts if part["computed"] is None]
        assert not [part for part in parts if part["computed"] is not None and part["computed"] < SMALL], code
        if whole is not None and hidden:
            rest = whole - sum(part["computed"] or 0 for part in parts)
            assert len(hidden) > 1, code
            assert rest >= SMALL, code


# Forgetting.


async def test_a_forgotten_person_is_nowhere_and_the_review_counts_one_fewer_and_says_why(
    new_system: Callable[..., System],
) -> None:
    system = new_system().up()
    system.play()
    row = next(
        one for one in story(STORY).table("people.csv") if str(story(STORY).id(one["person"])) in people_with_a_tie()
    )
    person = str(story(STORY).id(row["person"]))
    before = line(asked(system, "reports.participation"), "LB-07")
    token = system.token("people.erase", "participation.tell", "people.read", "profiles.read", "contacts.read")
    (kept,) = await system.fetch("boards", "SELECT wrapped_key FROM person WHERE id = $1::text::uuid", person)

    erased = system.ask("boards", "POST", f"/v1/people/{person}/erasure", token=token, json={})
    flushed = system.ask("boards", "POST", "/v1/participation/telling", token=token, json={})

    assert (erased.status_code, flushed.status_code) == (201, 201)
    wait_for(lambda: line(asked(system, "reports.participation"), "LB-07")["computed"] == 64)
    after = line(asked(system, "reports.participation"), "LB-07")
    assert (before["computed"], before["erased"], after["erased"]) == (65, 0, 1)
    assert after["difference"] == -1
    for path in ("", "/profile"):
        answer = system.ask("boards", "GET", f"/v1/people/{person}{path}", token=token, params={"purpose": "AUDIT"})
        assert answer.status_code == 404
    everything = await held(system)
    for text in (row["name"], row["email"], row["phone"], kept["wrapped_key"].hex()):
        assert [where for where, what in everything.items() if text in what] == []
    # The model is what the journal gives, without that person: nothing brings them back.
    assert system.chungcu("verify", "reporting").returncode == 0


async def held(system: System) -> dict[str, str]:
    """Return everything in the databases, logs and journals as text."""
    found = {"log lines": system.logs()}
    for service in system.running.urls:
        for schema in ("public", "restricted"):
            tables = await system.fetch(service, "SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
            for table in tables:
                name = f"{schema}.{table['tablename']}"
                rows = await system.fetch(service, f"SELECT to_jsonb(t)::text AS text FROM {name} AS t")
                found[f"{service} {name}"] = json.dumps([one["text"] for one in rows], ensure_ascii=False)
    return found
