"""The story holds from outside: its numbers, what made them, and what a change of its data does to them."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.reporting.domain.known import SMALL
from tests.e2e.figures import DECLARED, FIGURES, NUMBERS, SHARES
from tests.e2e.system import REVIEW, System, changed_story

RESTRICTED = {"LB-07", "LB-08", "LB-09", "LB-10", "LB-11a", "LB-11b", "LB-12a", "LB-12b"}


def line(report: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = (one for one in report["lines"] if one["code"] == code)
    return dict(found)


def test_the_review_shows_the_figures_worked_out_beside_those_of_the_source(told: System) -> None:
    report = told.review()

    assert {one["code"]: one["display"] for one in report["lines"]} == FIGURES
    said = {one["code"]: one["declaration"]["value"] for one in report["lines"] if one["declared"] is not None}
    assert said == DECLARED
    assert {one["code"] for one in report["lines"] if one["difference"]} == set()
    claimed = {one["code"]: one["declaration"]["claim"] for one in report["lines"] if one["declaration"]}
    assert {line: claim for line, claim in claimed.items() if claim} == {
        "LB-15": "DECREASED",
        "LB-17b": "PARTLY_RESOLVED",
    }


def test_every_line_says_numerator_denominator_and_full_coverage(told: System) -> None:
    report = told.review()

    for code, (above, below, _) in SHARES.items():
        shown = line(report, code)
        assert (shown["numerator"], shown["denominator"]) == (NUMBERS[above], NUMBERS[below])
    assert line(report, "LB-21")["computed"] == 22.07
    assert line(report, "LB-16")["computed"] == 0
    for one in report["lines"]:
        wards = 1 if one["code"].startswith(("LB-11", "LB-12")) else 14
        assert one["coverage"] == {"confirmed": wards, "of": wards, "missing": []}, one["code"]
    assert report["unconfirmed"] == []
    period = report["period"]
    assert (period["from"], period["to"]) == ("2021-09-30", "2022-12-01")
    assert (period["days"], period["days_apart"]) == (428, 427)
    assert report["synthetic"] is True


def test_the_target_stands_beside_its_line(told: System) -> None:
    assert {one["code"]: one["target"] for one in told.review()["lines"] if one["target"]} == {"LB-19": 100}


def test_who_may_not_see_political_participation_sees_what_was_declared_and_no_count(told: System) -> None:
    answer = told.ask("reporting", "GET", "/v1/reports/thong-tri-05", params=REVIEW)

    restricted = [one for one in answer.json()["lines"] if one["restricted"]]
    assert {one["code"] for one in restricted} == RESTRICTED
    for one in restricted:
        assert (one["withheld"], one["computed"]) == ("permission", None)
        assert one["declared"] == (DECLARED[one["code"]] if DECLARED[one["code"]] >= SMALL else None)
        assert not any(part["computed"] for part in one["parts"])


def test_parts_by_ward_add_up_where_they_may(told: System) -> None:
    report = told.review()

    for code in ("LB-01", "LB-05", "LB-16"):
        assert sum(part["computed"] for part in line(report, code)["parts"]) == line(report, code)["computed"]
    groups = line(report, "LB-03")
    assert sum(part["computed"] for part in groups["parts"]) - groups["overlap"] == groups["computed"]


def test_explain_lists_the_eight_decisions_with_document_and_day(told: System) -> None:
    answer = told.ask("reporting", "GET", "/v1/reports/thong-tri-05/lines/LB-05/explain", params=REVIEW)

    made_of = answer.json()["entries"]["LB-05"]
    assert len(made_of) == 8
    assert all(one["type"] == "boards.board_formed.v1" and one["document"]["symbol"] for one in made_of)
    assert all("2021-09-30" <= one["on_day"] <= "2022-12-01" for one in made_of)
    assert all(one["registered_later"] for one in made_of)


def test_the_command_prints_what_the_service_answers(told: System) -> None:
    printed = told.chungcu(
        "report", "thong-tri-05", "--unit", "Q004", "--from", "2021-09-30", "--to", "2022-12-01", "--json"
    ).stdout

    answer = told.ask("reporting", "GET", "/v1/reports/thong-tri-05", params=REVIEW)
    assert printed.strip() == answer.text


def test_the_table_carries_the_same_numbers(told: System) -> None:
    answer = told.ask("reporting", "GET", "/v1/reports/thong-tri-05", params={**REVIEW, "format": "csv"})

    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert rows["LB-05"]["computed"] == "8"
    assert (rows["LB-21"]["numerator"], rows["LB-21"]["denominator"]) == ("49", "222")


def test_an_unchanged_report_is_not_sent_again(told: System) -> None:
    first = told.ask("reporting", "GET", "/v1/reports/thong-tri-05", params=REVIEW)
    again = told.ask(
        "reporting", "GET", "/v1/reports/thong-tri-05", params=REVIEW, headers={"If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 304
    assert again.content == b""


def test_playing_it_again_changes_nothing(told: System) -> None:
    before = told.review()

    told.play()

    assert told.review() == before


def test_a_building_names_its_board(told: System) -> None:
    board = told.ask("boards", "GET", "/v1/boards", params={"limit": 1}).json()["items"][0]

    page = told.ask("buildings", "GET", f"/v1/buildings/{board['buildings'][0]}").json()

    assert board["id"] in {one["board"] for one in page["boards"]}


def test_with_one_board_less_in_the_data_there_are_seven_and_an_unconfirmed_ward_makes_zero_unknown(
    new_system: Callable[..., System], tmp_path: Path
) -> None:
    def without_one(lines: list[str]) -> list[str]:
        (dropped,) = (one for one in lines if one.endswith("2022-12-01"))
        return [one for one in lines if one != dropped]

    def not_to_the_end(lines: list[str]) -> list[str]:
        return [
            one.replace("2022-12-01,2022-12-01", "2022-11-30,2022-11-30", 1) if "TT-PETITIONS" in one else one
            for one in lines
        ]

    system = new_system().up()

    system.play(changed_story(tmp_path, boards=without_one, registers_boards=not_to_the_end))

    report = system.review()
    assert line(report, "LB-05")["computed"] == 7
    cases = line(report, "LB-16")
    assert cases["computed"] is None
    assert cases["coverage"]["confirmed"] == 13
    assert cases["coverage"]["missing"] == [{"unit": "Q004-00115-v1", "registers": ["PETITIONS"]}]
    assert {"DQ-10", "DQ-16"} <= {issue["rule"] for issue in cases["issues"]}
    assert line(report, "LB-01")["computed"] == 222
