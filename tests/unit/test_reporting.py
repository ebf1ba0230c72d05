"""What a report says of figures, and when an issue with them is raised, healed, acknowledged."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reporting.domain import issue, report
from services.reporting.domain.indicator import Additivity, Form, Indicator, Kind, Words
from services.reporting.domain.issue import AlreadySettled, Issue, Standing
from services.reporting.domain.report import Figure, Kept, Known, Period, Place
from shared.errors import NotFound
from shared.events import (
    DataQualityIssueAcknowledged,
    DataQualityIssueRaised,
    DataQualityIssueResolved,
    Register,
)
from shared.events.reporting import Hole, Severity
from tests.examples import DAY, DISTRICT, OTHER_WARD, OTHER_WARD_ID, WARD, WARD_ID

FIRST, LAST = date(2021, 9, 30), date(2022, 12, 1)
PERIOD = Period(FIRST, LAST)
WORDS = Words(vi="tổ dân phố", en="groups")


def indicator(code: str, **changed: Any) -> Indicator:
    given: dict[str, Any] = {
        "code": code,
        "name": WORDS,
        "definition": WORDS,
        "counted": WORDS,
        "kind": Kind.STOCK,
        "registers": (Register.GROUPS,),
        "version": 1,
    }
    return Indicator(**{**given, **changed})


GROUPS = indicator("LB-01")
HOUSED = indicator("LB-03", additivity=Additivity.DISTINCT, registers=(Register.GROUPS, Register.BUILDINGS))
SHARE = indicator("LB-21", kind=Kind.RATIO, form=Form.PERCENT, of=("LB-03", "LB-01"))
OF = indicator("LB-02", kind=Kind.RATIO, form=Form.OF, of=("LB-03", "LB-01"))
FORMED = indicator("LB-05", kind=Kind.FLOW, base=None)
LINES = {one.code: one for one in (GROUPS, HOUSED, SHARE, OF, FORMED)}

WARDS = (Place(WARD_ID, WARD, "Phường một"), Place(OTHER_WARD_ID, OTHER_WARD, "Phường hai"))
KEPT = Kept(FIRST, LAST)
COVERED = {(ward.id, kind): KEPT for ward in WARDS for kind in Register}


def known(
    *,
    figures: dict[str, Figure] | None = None,
    registers: dict[tuple[str, Register], Kept] | None = None,
    standing: tuple[Standing, ...] = (),
) -> Known:
    return Known(
        unit=Place("Q004", DISTRICT, "Quận minh họa"),
        wards=WARDS,
        period=PERIOD,
        position=7,
        figures={code: Figure(0, {}) for code in LINES} | (figures or {}),
        registers=COVERED if registers is None else registers,
        standing=standing,
    )


def line(of: Indicator, given: Known) -> dict[str, Any]:
    return report.line(of, LINES, given)


def rules(told: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in told["issues"]]


def test_a_figure_has_its_parts_by_ward_and_full_coverage() -> None:
    told = line(GROUPS, known(figures={"LB-01": Figure(5, {WARD_ID: 5})}))

    assert (told["computed"], told["numerator"], told["denominator"], told["display"]) == (5, 5, None, "5")
    assert told["coverage"] == {"confirmed": 2, "of": 2, "missing": []}
    assert [(part["key"], part["computed"]) for part in told["parts"]] == [(WARD_ID, 5), (OTHER_WARD_ID, 0)]
    assert told["issues"] == []


def test_a_zero_is_a_zero_where_every_ward_confirmed() -> None:
    told = line(GROUPS, known())

    assert (told["computed"], told["display"], rules(told)) == (0, "0", [])


@pytest.mark.parametrize(
    "gap",
    [None, Kept(FIRST, None), Kept(FIRST, date(2022, 11, 30)), Kept(date(2021, 10, 1), LAST)],
    ids=["no register", "never confirmed", "confirmed a day short", "opened a day late"],
)
def test_a_zero_is_not_known_where_one_ward_did_not_confirm(gap: Kept | None) -> None:
    registers = {key: kept for key, kept in COVERED.items() if key != (WARD_ID, Register.GROUPS)}
    if gap is not None:
        registers[WARD_ID, Register.GROUPS] = gap

    told = line(GROUPS, known(registers=registers))

    assert (told["computed"], told["numerator"], told["display"]) == (None, None, "—")
    assert told["coverage"] == {
        "confirmed": 1,
        "of": 2,
        "missing": [{"unit": WARD_ID, "registers": [Register.GROUPS]}],
    }
    assert [part["computed"] for part in told["parts"]] == [None, 0]
    assert rules(told) == ["DQ-10", "DQ-16"]


def test_a_number_stays_a_number_without_full_coverage_and_says_so() -> None:
    told = line(GROUPS, known(figures={"LB-01": Figure(5, {OTHER_WARD_ID: 5})}, registers={}))

    assert (told["computed"], told["coverage"]["confirmed"], rules(told)) == (5, 0, ["DQ-16"])


def test_a_key_in_two_wards_counts_once_in_all_and_the_overlap_is_said() -> None:
    told = line(HOUSED, known(figures={"LB-03": Figure(3, {WARD_ID: 2, OTHER_WARD_ID: 2})}))

    assert (told["computed"], told["overlap"]) == (3, 1)


def test_a_ward_that_has_ended_since_still_shows_its_part() -> None:
    told = line(GROUPS, known(figures={"LB-01": Figure(3, {WARD_ID: 2, "Q004-00001-v1": 1})}))

    assert [(part["key"], part["computed"]) for part in told["parts"]][-1] == ("Q004-00001-v1", 1)


def test_a_share_is_rounded_half_up_and_says_what_it_is_made_of() -> None:
    figures = {"LB-01": Figure(222, {WARD_ID: 222}), "LB-03": Figure(49, {WARD_ID: 49})}

    told = line(SHARE, known(figures=figures))

    assert (told["computed"], told["numerator"], told["denominator"]) == (22.07, 49, 222)
    assert told["display"] == "22,07 % (49/222)"


@pytest.mark.parametrize(("above", "below", "computed"), [(1, 800, 0.13), (1, 8, 12.5), (2, 3, 66.67), (3, 3, 100.0)])
def test_a_share_rounds_as_people_do(above: int, below: int, computed: float) -> None:
    figures = {"LB-01": Figure(below, {WARD_ID: below}), "LB-03": Figure(above, {WARD_ID: above})}

    assert line(SHARE, known(figures=figures))["computed"] == computed


def test_x_of_y_is_said_as_such() -> None:
    figures = {"LB-01": Figure(14, {WARD_ID: 14}), "LB-03": Figure(13, {WARD_ID: 13})}

    told = line(OF, known(figures=figures))

    assert (told["computed"], told["display"]) == (13, "13/14")


def test_a_share_of_nothing_is_no_share() -> None:
    told = line(SHARE, known())

    assert (told["computed"], told["display"]) == (None, "— (0/0)")


def test_a_share_is_not_known_where_one_of_its_lines_is_not() -> None:
    registers = {key: kept for key, kept in COVERED.items() if key[1] is not Register.BUILDINGS}

    told = line(SHARE, known(figures={"LB-01": Figure(9, {WARD_ID: 9})}, registers=registers))

    assert (told["computed"], told["numerator"], told["denominator"], told["display"]) == (None, None, 9, "—")
    assert told["coverage"] == {
        "confirmed": 0,
        "of": 2,
        "missing": [
            {"unit": WARD_ID, "registers": [Register.BUILDINGS]},
            {"unit": OTHER_WARD_ID, "registers": [Register.BUILDINGS]},
        ],
    }


def test_a_flow_without_a_base_says_that_it_has_no_denominator() -> None:
    assert rules(line(FORMED, known())) == ["DQ-06"]


def test_a_period_counts_both_its_ends() -> None:
    assert (Period(DAY, DAY).days, PERIOD.days) == (1, 428)


# Issues.

HOLE = Hole(origin="boards", first=5, last=7)
STANDING = Standing("an-id", "DQ-15", "WARN", ("LB-05",), HOLE)
RAISED = Issue(issue.issue_of(HOLE), "DQ-15", "HN", resolved=False, acknowledged=False)


def test_a_standing_issue_is_shown_on_its_lines_alone() -> None:
    given = known(standing=(STANDING,))

    assert rules(line(FORMED, given)) == ["DQ-06", "DQ-15"]
    assert rules(line(GROUPS, given)) == []


@pytest.mark.parametrize(("last", "said"), [(7, "5-7"), (5, "5")])
def test_an_issue_about_a_hole_names_the_missing_events(last: int, said: str) -> None:
    described = replace(STANDING, hole=Hole(origin="boards", first=5, last=last)).described()

    assert described["missing"] == {"origin": "boards", "first": 5, "last": last}
    assert f"boards no. {said} has" in described["message"]["en"]
    assert f"boards số {said};" in described["message"]["vi"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], []), ([4], [(4, 4)]), ([7, 5, 6], [(5, 7)]), ([1, 3, 4, 9], [(1, 1), (3, 4), (9, 9)])],
)
def test_neighbours_are_one_hole(numbers: list[int], expected: list[tuple[int, int]]) -> None:
    assert issue.spans("boards", numbers) == [Hole(origin="boards", first=first, last=last) for first, last in expected]


def test_a_hole_is_raised_on_every_line_it_may_touch() -> None:
    assert issue.raise_hole(HOLE, ["LB-05", "LB-16"], DAY) == DataQualityIssueRaised(
        subject=str(issue.issue_of(HOLE)),
        unit="HN",
        on=DAY,
        rule="DQ-15",
        severity=Severity.WARN,
        lines=("LB-05", "LB-16"),
        hole=HOLE,
    )


def test_the_same_hole_is_the_same_issue_and_another_is_another() -> None:
    assert issue.issue_of(HOLE) == issue.issue_of(Hole(origin="boards", first=5, last=7))
    assert issue.issue_of(HOLE) != issue.issue_of(Hole(origin="buildings", first=5, last=7))


def test_an_issue_that_healed_is_resolved() -> None:
    assert issue.resolve(RAISED, DAY) == DataQualityIssueResolved(
        subject=str(RAISED.id), unit="HN", on=DAY, rule="DQ-15"
    )


def test_an_issue_is_acknowledged_with_a_reason() -> None:
    assert issue.acknowledge(RAISED, "Đã đối chiếu", DAY) == DataQualityIssueAcknowledged(
        subject=str(RAISED.id), unit="HN", on=DAY, reason="Đã đối chiếu"
    )


def test_what_is_not_there_or_settled_is_not_acknowledged() -> None:
    with pytest.raises(NotFound):
        issue.acknowledge(None, "Đã đối chiếu", DAY)
    for settled in (replace(RAISED, resolved=True), replace(RAISED, acknowledged=True)):
        with pytest.raises(AlreadySettled):
            issue.acknowledge(settled, "Đã đối chiếu", DAY)
