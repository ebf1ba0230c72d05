"""What a report says of figures, and when an issue with them is raised, healed, acknowledged."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reporting.domain import issue
from services.reporting.domain.indicator import Additivity, Form, Indicator, Kind, ReportForm, Window, Words
from services.reporting.domain.issue import Acknowledged, AlreadySettled, Issue, Standing
from services.reporting.domain.known import Declaration, DeclaredPeriod, Figure, Kept, Known, Period, Place, Withheld
from services.reporting.domain.report import report, with_issues
from shared.errors import NotFound
from shared.events import (
    DataQualityIssueAcknowledged,
    DataQualityIssueRaised,
    DataQualityIssueResolved,
    Document,
    Register,
)
from shared.events.reporting import Claim, Hole, Severity
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
FORMED = indicator("LB-05", kind=Kind.FLOW)
TIED = indicator("LB-07", restricted=True, additivity=Additivity.DISTINCT, registers=())
OF_WARD = indicator("LB-11a", restricted=True, kind=Kind.FLOW, within=WARD_ID, registers=())
NOW = indicator("LB-15a", kind=Kind.FLOW, per="LB-01")
BEFORE = indicator("LB-15b", kind=Kind.FLOW, window=Window.BEFORE)
CHANGE = indicator("LB-15", kind=Kind.RATIO, form=Form.CHANGE, of=("LB-15a", "LB-15b"), least=20)
LINES = {one.code: one for one in (GROUPS, HOUSED, SHARE, OF, FORMED, TIED, OF_WARD, NOW, BEFORE, CHANGE)}
ORDINARY = [code for code, one in LINES.items() if not one.restricted]
PAPER = Document(symbol="05-BC/QU", date=DAY, issuer="Quận ủy minh họa")
FORM = ReportForm(code="thong-tri-05", name=WORDS, document=PAPER, lines=tuple(LINES))

WARDS = (Place(WARD_ID, WARD, "Phường một"), Place(OTHER_WARD_ID, OTHER_WARD, "Phường hai"))
KEPT = Kept(FIRST, LAST)
COVERED = {(ward.id, kind): KEPT for ward in WARDS for kind in Register}
EARLY = {key: Kept(date(2020, 7, 29), LAST) for key in COVERED}


def known(
    *,
    figures: dict[str, Figure] | None = None,
    registers: dict[tuple[str, Register], Kept] | None = None,
    **more: Any,
) -> Known:
    return Known(
        unit=Place("Q004", DISTRICT, "Quận minh họa"),
        wards=WARDS,
        period=PERIOD,
        position=7,
        figures={code: Figure(0, {}) for code in ORDINARY} | (figures or {}),
        registers=COVERED if registers is None else registers,
        **{"standing": (), "withheld": Withheld.PERMISSION, **more},
    )


def line(of: Indicator, given: Known) -> dict[str, Any]:
    (told,), _ = with_issues(FORM, (of.code,), LINES, given)
    return told


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


@pytest.mark.parametrize(
    ("now", "before", "computed", "display"),
    [
        (21, 24, -12.5, "−12,50 % (21/24)"),
        (24, 20, 20.0, "+20,00 % (24/20)"),
        (20, 20, 0.0, "0,00 % (20/20)"),
        (19, 24, None, "— (19/24)"),
        (24, 19, None, "— (24/19)"),
        (0, 0, None, "— (0/0)"),
    ],
)
def test_a_change_is_said_where_both_sides_have_cases_enough(
    now: int, before: int, computed: float | None, display: str
) -> None:
    told = line(CHANGE, known(figures={"LB-15a": Figure(now), "LB-15b": Figure(before)}, registers=EARLY))

    assert (told["computed"], told["display"], told["numerator"], told["denominator"]) == (
        computed,
        display,
        now,
        before,
    )


def test_the_days_before_are_as_many_and_end_the_day_before() -> None:
    assert PERIOD.through(Window.BEFORE) == Period(date(2020, 7, 29), date(2021, 9, 29))
    assert PERIOD.through(Window.BEFORE).days == PERIOD.days
    assert PERIOD.through(Window.ASKED) == PERIOD


def test_a_zero_of_the_days_before_is_known_where_registers_were_kept_then() -> None:
    assert line(BEFORE, known())["computed"] is None
    assert line(BEFORE, known(registers=EARLY))["computed"] == 0


def test_a_figure_is_also_said_per_thousand() -> None:
    given = known(figures={"LB-15a": Figure(21)}, bases={"LB-15a": Figure(900)})

    assert line(NOW, given)["rate"] == {"value": 23.33, "per": 1000, "base": 900, "display": "23,33 ‰ (21/900)"}
    assert line(NOW, known(bases={"LB-15a": Figure(0)}))["rate"] is None
    assert line(FORMED, given)["rate"] is None


def test_a_flow_of_the_unit_itself_bears_its_name() -> None:
    told = line(FORMED, known(figures={"LB-05": Figure(3, {"Q004": 3})}))

    assert told["parts"][-1] == {
        "key": "Q004",
        "name": "Quận minh họa",
        "category": None,
        "declared": None,
        "computed": 3,
    }


# Declared beside computed.


@pytest.mark.parametrize(
    ("of", "said", "declared", "display"),
    [
        (FORMED, Declaration("LB-05", value=8), 8, "8"),
        (OF, Declaration("LB-02", value=13, denominator=14), 13, "13/14"),
        (SHARE, Declaration("LB-21", value=49, denominator=222), 22.07, "22,07 % (49/222)"),
        (CHANGE, Declaration("LB-15", claim=Claim.DECREASED), None, "giảm · decreased"),
        (CHANGE, Declaration("LB-15", value=-5, claim=Claim.DECREASED), -5, "−5,00 % (giảm · decreased)"),
        (FORMED, Declaration("LB-05", value=0, claim=Claim.NONE), 0, "0"),
    ],
)
def test_what_was_declared_is_said_as_it_was(of: Indicator, said: Declaration, declared: float, display: str) -> None:
    told = line(of, known(declarations={of.code: said}))

    assert (told["declared"], told["declaration"]["display"]) == (declared, display)


def test_a_declaration_keeps_its_paper_and_its_words() -> None:
    said = Declaration("LB-05", value=8, baseline="năm 2020", note="Nêu trong báo cáo minh họa", document=PAPER)

    told = line(FORMED, known(figures={"LB-05": Figure(7, {WARD_ID: 7})}, declarations={"LB-05": said}))

    assert told["declaration"] == {
        "value": 8,
        "denominator": None,
        "claim": None,
        "baseline": "năm 2020",
        "note": "Nêu trong báo cáo minh họa",
        "document": PAPER.model_dump(),
        "display": "8",
    }
    assert (told["declared"], told["computed"], told["difference"]) == (8, 7, -1)
    assert rules(told) == ["DQ-08"]


def test_without_either_there_is_no_difference() -> None:
    unknown = known(declarations={"LB-05": Declaration("LB-05", value=8)}, registers={})

    assert line(FORMED, unknown)["difference"] is None
    assert line(FORMED, known())["difference"] is None


def test_shares_differ_by_hundredths() -> None:
    figures = {"LB-01": Figure(222), "LB-03": Figure(48)}
    said = {"LB-21": Declaration("LB-21", value=49, denominator=222)}

    assert line(SHARE, known(figures=figures, declarations=said))["difference"] == -0.45


def test_a_target_stands_beside() -> None:
    assert line(FORMED, known(targets={"LB-05": 10}))["target"] == 10
    assert line(FORMED, known())["target"] is None


# Restricted lines.


@pytest.mark.parametrize("why", list(Withheld))
def test_a_restricted_line_without_a_figure_is_withheld_and_still_shows_what_was_declared(why: Withheld) -> None:
    told = line(TIED, known(withheld=why, declarations={"LB-07": Declaration("LB-07", value=65)}))

    assert (told["restricted"], told["withheld"], told["computed"], told["declared"]) == (True, why, None, 65)
    assert (told["parts"], told["difference"], told["small"]) == ([], None, False)


def test_a_restricted_line_with_a_figure_is_shown_and_marks_small_cells() -> None:
    told = line(TIED, known(figures={"LB-07": Figure(9, {WARD_ID: 5, OTHER_WARD_ID: 4})}))

    assert (told["withheld"], told["computed"], told["small"]) == (None, 9, False)
    assert [(part["computed"], part["small"]) for part in told["parts"]] == [(5, False), (4, True)]
    assert line(TIED, known(figures={"LB-07": Figure(4, {WARD_ID: 4})}))["small"] is True


def test_a_line_of_one_ward_has_that_ward_alone_as_its_part() -> None:
    said = {"LB-11a": Declaration("LB-11a", value=35)}
    given = known(figures={"LB-11a": Figure(34, {WARD_ID: 34})}, declarations=said)

    (part,) = line(OF_WARD, given)["parts"]

    assert (part["key"], part["declared"], part["computed"]) == (WARD_ID, 35, 34)
    assert line(OF_WARD, given)["coverage"] == {"confirmed": 1, "of": 1, "missing": []}
    (part,) = line(OF_WARD, known(declarations=said))["parts"]
    assert (part["declared"], part["computed"]) == (35, None)


# The whole report.


def test_a_report_names_its_period_and_who_did_not_confirm() -> None:
    registers = {key: kept for key, kept in EARLY.items() if key != (WARD_ID, Register.BUILDINGS)}
    due = DeclaredPeriod("ky-2022", "thong-tri-05", "Kỳ minh họa", DISTRICT, PERIOD)

    told = report(FORM, LINES, known(registers=registers, declared=due), definitions="abc", synthetic=True)

    assert told["period"] == {
        "code": "ky-2022",
        "name": "Kỳ minh họa",
        "from": FIRST,
        "to": LAST,
        "days": 428,
        "days_apart": 427,
    }
    assert told["unconfirmed"] == [{"unit": WARD_ID, "name": "Phường một", "registers": ["BUILDINGS"]}]
    assert (told["synthetic"], told["as_of"]) == (True, {"position": 7, "definitions": "abc"})
    assert [one["code"] for one in told["lines"]] == list(LINES)
    assert {one["rule"] for one in told["issues"]} == {"DQ-10", "DQ-16"}


def test_days_nobody_declared_have_no_code() -> None:
    told = report(FORM, LINES, known(), definitions="abc", synthetic=False)

    assert (told["period"]["code"], told["period"]["name"]) == (None, None)


def test_a_period_counts_both_its_ends() -> None:
    assert (Period(DAY, DAY).days, PERIOD.days) == (1, 428)


# Issues.

HOLE = Hole(origin="boards", first=5, last=7)
STANDING = Standing("an-id", "DQ-15", "WARN", ("LB-05",), HOLE)
RAISED = Issue(issue.issue_of(HOLE), "DQ-15", "HN", resolved=False, acknowledged=False)


def test_a_standing_issue_is_shown_on_its_lines_alone() -> None:
    given = known(standing=(STANDING,))

    assert rules(line(FORMED, given)) == ["DQ-15"]
    assert rules(line(GROUPS, given)) == []


def test_an_acknowledged_issue_stays_on_the_report_with_its_reason() -> None:
    given = known(standing=(STANDING,), acknowledged={"an-id": Acknowledged(DAY, "Đã đối chiếu")})

    (shown,) = line(FORMED, given)["issues"]

    assert shown["acknowledged"] == {"on": DAY, "reason": "Đã đối chiếu"}


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
