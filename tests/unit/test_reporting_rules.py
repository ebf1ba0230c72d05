"""What does not fit in the figures of a report: each rule speaks, with its arithmetic, and each stays quiet."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.reporting.domain import rules
from services.reporting.domain.finding import Finding, settle
from services.reporting.domain.indicator import Called, Indicator, Kind, ReportForm, Rules, Words
from services.reporting.domain.issue import Acknowledged, Issue
from services.reporting.domain.known import (
    Conference,
    Declaration,
    DeclaredPeriod,
    Directive,
    Figure,
    Kept,
    Known,
    Period,
    Place,
    Withheld,
)
from services.reporting.domain.report import told, with_issues
from services.reporting.store.definitions import indicators, reports
from shared.events import DataQualityIssueRaised, DataQualityIssueResolved, Register
from shared.events.reporting import Claim, Compared, Severity
from tests.examples import DAY, DISTRICT

FORM = reports()["thong-tri-05"]
FIRST, LAST = date(2021, 9, 30), date(2022, 12, 1)
DUE = DeclaredPeriod("long-bien-2022", "thong-tri-05", "Sơ kết (minh họa)", DISTRICT, Period(FIRST, LAST))
GIANG_BIEN, PHUC_DONG = "Q004-00121-v1", "Q004-00151-v1"
WARDS = tuple(
    Place(one, f"{DISTRICT}.{one}", f"Phường {one}")
    for one in (GIANG_BIEN, PHUC_DONG, *(f"Q004-{nth}" for nth in range(12)))
)
KEPT = {(ward.id, kind): Kept(date(2020, 1, 1), LAST) for ward in WARDS for kind in Register}

SOURCE = {
    "LB-01": 222,
    "LB-02": (13, 14),
    "LB-03": 49,
    "LB-04": 49,
    "LB-05": 8,
    "LB-06": 31,
    "LB-07": 65,
    "LB-08": 43,
    "LB-09": 29,
    "LB-10": 22,
    "LB-11a": 35,
    "LB-11b": 8,
    "LB-12a": 10,
    "LB-12b": 2,
    "LB-13": 5,
    "LB-14a": 25,
    "LB-14b": 25,
    "LB-15": Claim.DECREASED,
    "LB-16": 0,
    "LB-17b": Claim.PARTLY_RESOLVED,
    "LB-21": (49, 222),
}
"""What the source report (Long Biên, 2022) says."""
DIRECTIVES = tuple(Directive(nth, LAST, assigned=nth not in (2, 5), due=None) for nth in range(1, 6))
CONFERENCE = Conference("a conference", LAST, *2 * (frozenset(ward.id for ward in WARDS),))


def said(values: Mapping[str, int | tuple[int, int] | Claim]) -> dict[str, Declaration]:
    def one(line: str, value: int | tuple[int, int] | Claim) -> Declaration:
        if isinstance(value, Claim):
            return Declaration(line, claim=value)
        if isinstance(value, tuple):
            return Declaration(line, value[0], value[1])
        return Declaration(line, value)

    return {line: one(line, value) for line, value in values.items()}


def known(values: Mapping[str, Any] | None = None, **more: Any) -> Known:
    given: dict[str, Any] = {
        "unit": Place("Q004", DISTRICT, "Quận minh họa"),
        "wards": WARDS,
        "period": DUE.period,
        "position": 7,
        "figures": {},
        "registers": KEPT,
        "standing": (),
        "declared": DUE,
        "declarations": said(values or {}),
        "withheld": Withheld.PERMISSION,
    }
    return Known(**{**given, **more})


def found(values: Mapping[str, Any] | None = None, form: ReportForm = FORM, **more: Any) -> list[Finding]:
    """Return what rules find in declared figures alone."""
    return rules.findings(form, indicators(), known(values, **more), [])


def by(rule: str, findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.rule == rule]


def only(rule: str, findings: Iterable[Finding]) -> Finding:
    (one,) = by(rule, findings)
    return one


def figures(finding: Finding) -> list[tuple[str, int]]:
    return [(one.line, one.value) for one in finding.figures]


# What the source says.


def test_the_figures_of_the_source_raise_what_they_should_and_nothing_else() -> None:
    """Its figures as counted, where they may be: nothing else than what its own numbers say of each other."""
    counted = {
        line: Figure(value)
        for line, value in SOURCE.items()
        if isinstance(value, int) and not indicators()[line].restricted
    }
    counted |= {"LB-02a": Figure(13), "LB-02b": Figure(14), "LB-15a": Figure(21), "LB-15b": Figure(24)}
    counted["LB-17b"] = Figure(1)
    given = known(SOURCE, directives=DIRECTIVES, conferences=(CONFERENCE,), figures=counted)

    raised = told(FORM, indicators(), given)

    assert [one.rule for one in raised] == ["DQ-02", "DQ-03", "DQ-05", "DQ-06", "DQ-07", "DQ-09", "DQ-11"]


def test_what_is_found_in_the_source_stands_on_the_lines_it_touches() -> None:
    lines, issues = with_issues(
        FORM, ("LB-07", "LB-11a", "LB-01"), indicators(), replace(known(SOURCE), figures={"LB-01": Figure(222)})
    )

    by_line = {line["code"]: [one["rule"] for one in line["issues"]] for line in lines}
    assert by_line == {"LB-07": ["DQ-02", "DQ-05"], "LB-11a": ["DQ-03"], "LB-01": []}
    assert [one["rule"] for one in issues] == sorted(one["rule"] for one in issues)


def test_nothing_declared_is_nothing_found() -> None:
    assert [one.rule for one in found(declared=None)] == []


# DQ-01


def test_a_part_that_exceeds_its_whole_is_raised() -> None:
    one = only("DQ-01", found({"LB-07": 40, "LB-08": 43}))

    assert (one.lines, figures(one)) == (("LB-08", "LB-07"), [("LB-08", 43), ("LB-07", 40)])
    assert one.message.vi == "Phần lớn hơn tổng: LB-08 = 43 > 40 = LB-07."


def test_a_numerator_that_exceeds_its_denominator_is_raised() -> None:
    assert figures(only("DQ-01", found({"LB-02": (15, 14)}))) == [("LB-02", 15), ("LB-02-OF", 14)]


@pytest.mark.parametrize("values", [{"LB-07": 43, "LB-08": 43}, {"LB-08": 43}, {"LB-07": 40}, {"LB-02": (14, 14)}])
def test_a_part_of_at_most_its_whole_is_quiet(values: dict[str, Any]) -> None:
    assert by("DQ-01", found(values)) == []


# DQ-02


def test_parts_that_do_not_add_up_are_raised_with_what_they_may_mean() -> None:
    one = only("DQ-02", found(SOURCE))

    assert one.message == Words(
        vi="Các phần không cộng thành tổng: LB-08 + LB-09 = 43 + 29 = 72 ≠ 65 = LB-07 (+7).",
        en="The parts do not add up to the whole: LB-08 + LB-09 = 43 + 29 = 72 ≠ 65 = LB-07 (+7).",
    )
    assert one.severity is Severity.WARN
    assert figures(one) == [("LB-07", 65), ("LB-08", 43), ("LB-09", 29), ("LB-10", 22)]
    assert [reading.en for reading in one.readings] == [
        "As two parts that do not overlap: 43 + 29 = 72 ≠ 65 (+7), which is impossible.",
        (
            "As two parts that overlap: 43 + 29 − 65 = 7 people are in both; 36 are only party members, "
            "22 only hold an office. "
            "Then the 22 under Regulation 213-QĐ/TW are other people: 65 + 22 = 87."
        ),
        "As all party members: 43 + 22 = 65, exactly the whole; but that contradicts the word “besides”.",
        (
            "“65 members of the political system, of them 29 members of the political system”: part and whole bear one "
            "name, so 29 must mean something narrower."
        ),
    ]
    assert all(reading.vi != reading.en for reading in one.readings)


def test_readings_that_the_figures_do_not_allow_are_left_out() -> None:
    too_many = only("DQ-02", found({"LB-07": 30, "LB-08": 43, "LB-09": 29, "LB-10": 5}))
    too_few = only("DQ-02", found({"LB-07": 80, "LB-08": 43, "LB-09": 29}))

    # Of 43 and 29 at most 29 can be in both, so there are at least 43.
    assert [reading.en[:15] for reading in too_many.readings] == ["As two parts th", "“30 members of "]
    assert "(−8)" in too_few.message.vi.replace("-", "−")
    assert len(too_few.readings) == 2


def test_reviewed_and_consolidated_make_up_their_whole() -> None:
    assert figures(only("DQ-02", found({"LB-06": 31, "LB-06a": 8, "LB-06b": 22}))) == [
        ("LB-06", 31),
        ("LB-06a", 8),
        ("LB-06b", 22),
    ]
    assert by("DQ-02", found({"LB-06": 31, "LB-06a": 8, "LB-06b": 23})) == []


@pytest.mark.parametrize("missing", ["LB-07", "LB-08", "LB-09"])
def test_parts_are_not_added_up_where_one_figure_is_missing(missing: str) -> None:
    assert by("DQ-02", found({line: value for line, value in SOURCE.items() if line != missing})) == []


# DQ-03


def test_two_wards_that_exceed_the_district_measure_something_else() -> None:
    one = only("DQ-03", found(SOURCE))

    assert one.message.en.startswith("LB-11a + LB-12a = 35 + 10 = 45 > 43 = LB-08: two wards exceed")
    assert figures(one) == [("LB-11a", 35), ("LB-12a", 10), ("LB-08", 43)]


@pytest.mark.parametrize("values", [{"LB-11a": 33, "LB-12a": 10, "LB-08": 43}, {"LB-11a": 35, "LB-08": 30}])
def test_parts_within_their_whole_or_not_all_there_are_quiet(values: dict[str, Any]) -> None:
    assert by("DQ-03", found(values)) == []


# DQ-04


def test_one_name_with_two_numbers_is_raised() -> None:
    same = {**indicators(), "LB-09": indicators()["LB-09"].model_copy(update={"name": indicators()["LB-07"].name})}

    (one,) = by("DQ-04", rules.findings(FORM, same, known(SOURCE), []))

    assert (one.lines, figures(one)) == (("LB-07", "LB-09"), [("LB-07", 65), ("LB-09", 29)])
    assert by("DQ-04", rules.findings(FORM, same, known({**SOURCE, "LB-09": 65}), [])) == []
    assert by("DQ-04", found(SOURCE)) == []


# DQ-05


def test_a_sum_that_fits_by_chance_is_noted() -> None:
    one = only("DQ-05", found(SOURCE))

    assert one.severity is Severity.INFO
    assert one.message.vi.startswith("LB-08 + LB-10 = 43 + 22 = 65 = LB-07: ")
    assert "LB-10 is a flow, LB-07 and LB-08 are stocks" in one.message.en
    assert by("DQ-05", found({**SOURCE, "LB-10": 21})) == []
    assert by("DQ-05", found({"LB-08": 43, "LB-07": 65})) == []


# DQ-06


def test_boards_are_said_without_how_many_there_should_be() -> None:
    one = only("DQ-06", found(SOURCE))

    assert one.message.en == (
        "No denominator: LB-05 + LB-06 = 8 + 31 = 39, but not how many buildings owe a board, nor how many boards "
        "there are."
    )
    assert (one.lines, figures(one)) == (("LB-05", "LB-06"), [("LB-05", 8), ("LB-06", 31)])
    assert only("DQ-06", found({"LB-05": 8})).lines == ("LB-05",)
    assert by("DQ-06", found({"LB-01": 222})) == []


# DQ-07


def test_fourteen_months_are_no_year_whichever_way_they_are_counted() -> None:
    one = only("DQ-07", found())

    assert figures(one) == [("DAYS-APART", 427), ("DAYS", 428)]
    assert "“một năm”, nhưng từ 30/09/2021 đến 01/12/2022 là 427 ngày (428 ngày nếu tính cả hai đầu)" in one.message.vi


@pytest.mark.parametrize(
    ("end", "raised"), [("2022-08-28", True), ("2022-08-29", False), ("2022-10-30", False), ("2022-10-31", True)]
)
def test_a_month_more_or_less_is_still_a_year(end: str, raised: bool) -> None:
    days = Period(FIRST, date.fromisoformat(end))

    assert bool(by("DQ-07", found(period=days, declared=replace(DUE, period=days)))) is raised


def test_days_that_nobody_declared_are_called_nothing() -> None:
    assert by("DQ-07", found(declared=None)) == []
    uncalled = FORM.model_copy(update={"rules": Rules()})
    assert by("DQ-07", found(form=uncalled)) == []
    assert isinstance(FORM.rules.called, Called)


# DQ-08


def differing(values: Mapping[str, Any], **counted: int) -> list[Finding]:
    by_code = {code.replace("_", "-"): Figure(value) for code, value in counted.items()}
    lines, _ = with_issues(FORM, tuple(values), indicators(), known(values, figures=by_code))
    return by("DQ-08", rules.findings(FORM, indicators(), known(values, figures=by_code), lines))


def test_a_declared_figure_that_is_not_the_computed_one_is_raised() -> None:
    (one,) = differing({"LB-06": 31}, LB_06=30)

    assert (one.lines, figures(one), one.told) == (("LB-06",), [("LB-06", 31), ("LB-06-COMPUTED", 30)], True)
    assert one.message == Words(vi="LB-06: khai báo 31, tính toán 30.", en="LB-06: declared 31, computed 30.")
    assert differing({"LB-06": 31}, LB_06=31) == []


def test_of_a_ratio_both_its_numbers_are_compared() -> None:
    (one,) = differing({"LB-02": (13, 14)}, LB_02a=13, LB_02b=15)

    assert figures(one) == [("LB-02", 13), ("LB-02-OF", 14), ("LB-02-COMPUTED", 13), ("LB-02-COMPUTED-OF", 15)]
    assert differing({"LB-02": (13, 14)}, LB_02a=13, LB_02b=14) == []


def test_a_restricted_difference_is_shown_to_whom_it_may_be_and_never_told() -> None:
    (one,) = differing({"LB-07": 65}, LB_07=64)

    assert one.told is False
    assert differing({"LB-07": 65}) == []


def test_where_nothing_was_declared_or_nothing_is_known_nothing_differs() -> None:
    assert differing({"LB-15": Claim.DECREASED}, LB_15a=30, LB_15b=40) == []
    unknown = known({"LB-16": 3}, figures={"LB-16": Figure(0)}, registers={})
    lines, _ = with_issues(FORM, ("LB-16",), indicators(), unknown)
    assert by("DQ-08", rules.findings(FORM, indicators(), unknown, lines)) == []


# DQ-09


@pytest.mark.parametrize("claim", list(Claim))
def test_a_claimed_change_needs_what_it_is_measured_against(claim: Claim) -> None:
    raised = by("DQ-09", found({"LB-15": claim}))

    assert [one.lines for one in raised] == ([("LB-15",)] if claim in (Claim.DECREASED, Claim.INCREASED) else [])


def test_a_claim_with_its_baseline_is_quiet() -> None:
    claimed = {"LB-15": Declaration("LB-15", claim=Claim.DECREASED, baseline="24 vụ của kỳ trước")}

    assert by("DQ-09", found(declarations=claimed)) == []


# DQ-10, DQ-16


def lacking(kept: Kept | None, values: Mapping[str, Any] | None = None, cases: int = 0) -> dict[str, Finding]:
    registers = {key: one for key, one in KEPT.items() if key != (GIANG_BIEN, Register.PETITIONS)}
    if kept:
        registers[GIANG_BIEN, Register.PETITIONS] = kept
    given = known(values, registers=registers, figures={"LB-16": Figure(cases), "LB-01": Figure(0)}, declared=None)
    lines, _ = with_issues(FORM, ("LB-16", "LB-01"), indicators(), given)
    return {one.rule: one for one in rules.findings(FORM, indicators(), given, lines)}


def test_a_zero_is_not_known_where_a_register_was_not_confirmed() -> None:
    raised = lacking(None)

    assert (raised["DQ-10"].lines, raised["DQ-16"].lines) == (("LB-16",), ("LB-16",))
    assert not raised["DQ-10"].told
    assert raised["DQ-16"].more["missing"] == [{"unit": GIANG_BIEN, "registers": [Register.PETITIONS]}]
    assert "13/14" in raised["DQ-16"].message.vi
    assert lacking(KEPT[GIANG_BIEN, Register.PETITIONS]) == {}


def test_a_declared_none_is_no_more_known_than_a_counted_one() -> None:
    assert set(lacking(None, {"LB-16": Claim.NONE}, cases=2)) == {"DQ-10", "DQ-16"}
    assert set(lacking(None, cases=2)) == {"DQ-16"}


def test_a_register_opened_late_says_since_when_the_figure_is_complete() -> None:
    late = lacking(Kept(date(2022, 3, 1), LAST))["DQ-16"]

    assert late.more["since"] == date(2022, 3, 1)
    assert late.message.vi.endswith("số liệu chỉ đủ từ 01/03/2022.")
    assert lacking(Kept(FIRST, date(2022, 11, 30)))["DQ-16"].more["since"] is None


# DQ-11


def test_directives_without_a_day_or_without_anybody_are_raised() -> None:
    one = only("DQ-11", found(directives=DIRECTIVES))

    assert one.message.vi == ("5/5 chỉ đạo không có thời hạn (số 1, 2, 3, 4, 5); 2/5 không nêu ai thực hiện (số 2, 5).")
    assert figures(one) == [("DIRECTIVES", 5), ("WITHOUT-DUE", 5), ("WITHOUT-ASSIGNEE", 2)]
    assert by("DQ-11", found(directives=(Directive(1, LAST, assigned=True, due=LAST),))) == []
    assert by("DQ-11", found()) == []


# DQ-12


def test_wards_left_out_of_a_conference_or_not_in_force_are_named() -> None:
    there = frozenset(ward.id for ward in WARDS)
    odd = replace(CONFERENCE, invited=there - {PHUC_DONG} | {"Q004-00999-v1"})

    one = only("DQ-12", found(conferences=(odd, CONFERENCE)))

    assert figures(one) == [("INVITED-WARDS", 14), ("WARDS", 14)]
    assert "chưa mời Q004-00151-v1; không còn Q004-00999-v1" in one.message.vi
    assert by("DQ-12", found(conferences=(replace(CONFERENCE, invited=frozenset()),))) == []


def test_two_conferences_are_two_issues() -> None:
    odd = replace(CONFERENCE, invited=frozenset({GIANG_BIEN}))

    first, second = by("DQ-12", found(conferences=(odd, replace(odd, id="another"))))

    assert first.id != second.id


def test_a_figure_of_a_ward_that_was_not_there_is_raised() -> None:
    without = tuple(ward for ward in WARDS if ward.id != PHUC_DONG)

    assert {one.lines for one in by("DQ-12", found(SOURCE, wards=without))} == {("LB-12a",), ("LB-12b",)}
    assert by("DQ-12", found({"LB-11a": 35}, wards=without)) == []


# DQ-13


def test_small_restricted_figures_are_named_without_being_repeated_and_never_told() -> None:
    one = only("DQ-13", found({"LB-12b": 2, "LB-11b": 8, "LB-05": 1}))

    assert (one.lines, one.figures, one.told) == (("LB-12b",), (), False)
    assert "2" not in one.message.vi.replace("LB-12b", "")
    assert by("DQ-13", found({"LB-12b": 5})) == []


# Issues.


def test_a_finding_is_the_same_issue_however_its_figures_change_and_another_in_another_period() -> None:
    one, changed = only("DQ-02", found(SOURCE)), only("DQ-02", found({**SOURCE, "LB-07": 66}))
    elsewhere = only("DQ-02", found(SOURCE, declared=replace(DUE, code="other")))

    assert one.id == changed.id
    assert one.id != elsewhere.id


def test_a_finding_stands_as_acknowledged_while_its_figures_do() -> None:
    one = only("DQ-06", found({"LB-05": 8}))

    assert one.described(Acknowledged(DAY, "Đã rõ", one.figures))["acknowledged"] == {"on": DAY, "reason": "Đã rõ"}
    assert one.described(Acknowledged(DAY, "Đã rõ", ()))["acknowledged"] is None
    assert one.described(None)["acknowledged"] is None
    assert set(one.described(None)) == {
        "id",
        "rule",
        "severity",
        "message",
        "lines",
        "figures",
        "readings",
        "acknowledged",
    }


ONE = only("DQ-06", found({"LB-05": 8}))


def standing(**changed: Any) -> dict[UUID, Issue]:
    return {ONE.id: replace(Issue(ONE.id, "DQ-06", DISTRICT, False, False, ONE.figures), **changed)}  # noqa: FBT003


def test_a_new_finding_is_raised() -> None:
    assert settle([ONE], {}, DUE, DAY) == [
        DataQualityIssueRaised(
            subject=str(ONE.id),
            unit=DISTRICT,
            on=DAY,
            rule="DQ-06",
            severity=Severity.WARN,
            lines=("LB-05",),
            hole=None,
            period="long-bien-2022",
            figures=(Compared(line="LB-05", value=8),),
        )
    ]


@pytest.mark.parametrize("changed", [{}, {"acknowledged": True}])
def test_a_finding_that_stands_is_not_raised_again(changed: dict[str, Any]) -> None:
    assert settle([ONE], standing(**changed), DUE, DAY) == []


@pytest.mark.parametrize("changed", [{"resolved": True}, {"acknowledged": True, "figures": ()}])
def test_a_finding_that_came_back_or_has_other_figures_is_raised_again(changed: dict[str, Any]) -> None:
    (event,) = settle([ONE], standing(**changed), DUE, DAY)

    assert isinstance(event, DataQualityIssueRaised)


def test_what_fits_again_is_resolved_once() -> None:
    assert settle([], standing(), DUE, DAY) == [
        DataQualityIssueResolved(subject=str(ONE.id), unit=DISTRICT, on=DAY, rule="DQ-06")
    ]
    assert settle([], standing(resolved=True), DUE, DAY) == []


# The data.


def test_rules_speak_of_lines_of_the_report() -> None:
    asked = FORM.rules
    spoken = [
        *(code for pair in asked.subsets for code in pair),
        *(code for one in asked.partitions for code in (one.whole, *one.parts, *((one.beside,) if one.beside else ()))),
        *(code for one in (*asked.comparisons, *asked.coincidences) for code in (one.whole, *one.parts)),
        *(code for one in asked.without_base for code in one.lines),
    ]

    assert set(spoken) <= set(FORM.lines)


def test_every_line_and_what_it_is_made_of_is_defined_in_both_languages() -> None:
    def parts(one: Indicator) -> tuple[str, ...]:
        return tuple(code for code in (*one.of, one.per, one.part_of) if code)

    for code in FORM.lines:
        one = indicators()[code]
        assert one.name.vi != one.name.en, code
        assert one.definition.vi != one.definition.en, code
        assert set(parts(one)) <= set(indicators()), code
        assert one.part_of is None or one.part_of in FORM.lines, code
        assert bool(one.form) == (one.kind is Kind.RATIO), code
        assert one.restricted == ("participation" in one.select), code
