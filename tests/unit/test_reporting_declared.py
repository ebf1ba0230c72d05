"""For which periods reports are due, what is declared of their lines, and what of it may be passed on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.reporting.domain import figure, period
from services.reporting.domain.export import HIDDEN, for_export
from services.reporting.domain.figure import (
    BelowZero,
    DeclareFigure,
    HasNoDenominator,
    IdOfAnotherLine,
    LineDeclaredAlready,
    LineNotInReport,
    NeedsDenominator,
    NothingDeclared,
    SetTarget,
)
from services.reporting.domain.known import DeclaredPeriod, Figure, Period, Place
from services.reporting.domain.period import (
    DeclarePeriod,
    PeriodsOutOfOrder,
    PeriodsOverlap,
    PeriodStands,
    UnitNotHeardOf,
)
from services.reporting.domain.report import PeriodNotDeclared, PeriodUpsideDown, ReportNotFound, report
from services.reporting.store.definitions import indicators, reports
from shared.errors import Refused
from shared.events import FigureDeclared, PeriodDeclared, TargetSet
from shared.events.reporting import Claim
from tests.examples import DAY, DISTRICT, WARD, made
from tests.unit.test_reporting_rules import GIANG_BIEN, PHUC_DONG, SOURCE, WARDS, known

FORM = reports()["thong-tri-05"]
FIRST, LAST = date(2025, 9, 30), date(2026, 12, 1)
DUE = DeclaredPeriod("ky-1", "thong-tri-05", "Kỳ minh họa", DISTRICT, Period(FIRST, LAST))


# Periods.


def asked(begin: date = FIRST, end: date = LAST, **changed: Any) -> DeclarePeriod:
    given = {"report": "thong-tri-05", "unit": "Q004", "from": begin, "to": end, "name": "Kỳ minh họa", **changed}
    return DeclarePeriod.model_validate(given)


def ground(*related: DeclaredPeriod, **changed: Any) -> period.Ground:
    return replace(period.Ground(FORM, DISTRICT, None, related), **changed)


def test_a_period_is_declared_today_for_its_unit() -> None:
    assert period.declare("ky-1", ground(), asked(), DAY) == PeriodDeclared(
        subject="ky-1",
        unit=DISTRICT,
        on=DAY,
        report="thong-tri-05",
        period_from=FIRST,
        period_to=LAST,
        name="Kỳ minh họa",
    )


def test_a_period_of_one_day_is_a_period_and_one_that_ends_before_it_begins_is_none() -> None:
    assert period.declare("ky-1", ground(), asked(LAST, LAST), DAY).period_to == LAST
    with pytest.raises(PeriodUpsideDown):
        period.declare("ky-1", ground(), asked(LAST, FIRST), DAY)


@pytest.mark.parametrize("unit", [DISTRICT, WARD, "HN"])
@pytest.mark.parametrize(("begin", "end"), [(FIRST, LAST), (LAST, LAST + timedelta(9)), (FIRST - timedelta(9), FIRST)])
def test_periods_of_a_unit_and_those_above_and_under_it_must_not_overlap(unit: str, begin: date, end: date) -> None:
    with pytest.raises(PeriodsOverlap) as refused:
        period.declare("ky-2", ground(replace(DUE, unit=unit)), asked(begin, end), DAY)

    assert refused.value.facts == {"period": "ky-1", "to": LAST.isoformat()}


def test_the_next_period_begins_the_day_after_or_later() -> None:
    assert period.declare("ky-2", ground(DUE), asked(LAST + timedelta(1), LAST + timedelta(1)), DAY)


def test_periods_are_declared_in_order() -> None:
    with pytest.raises(PeriodsOutOfOrder):
        period.declare("ky-0", ground(DUE), asked(FIRST - timedelta(9), FIRST - timedelta(1)), DAY)


def test_a_declared_period_may_get_another_name_and_nothing_else() -> None:
    later = replace(DUE, code="ky-2", period=Period(LAST + timedelta(1), LAST + timedelta(9)))
    standing = ground(later, standing=DUE)

    assert period.declare("ky-1", standing, asked(name="Tên khác"), DAY).name == "Tên khác"
    for changed in (asked(end=LAST - timedelta(1)), asked(FIRST - timedelta(1))):
        with pytest.raises(PeriodStands):
            period.declare("ky-1", standing, changed, DAY)
    with pytest.raises(PeriodStands):
        period.declare("ky-1", replace(standing, unit=WARD), asked(), DAY)


def test_a_period_needs_a_report_and_a_unit_that_there_are() -> None:
    with pytest.raises(ReportNotFound):
        period.declare("ky-1", ground(form=None), asked(), DAY)
    with pytest.raises(UnitNotHeardOf):
        period.declare("ky-1", ground(unit=None), asked(), DAY)


# Figures and targets.


def of(code: str = "LB-05", **changed: Any) -> figure.Ground:
    return replace(figure.Ground(DUE, indicators()[code], None, None), **changed)


def declaring(line: str = "LB-05", **said: Any) -> DeclareFigure:
    return DeclareFigure(**{"figure_id": made("figure"), "period": "ky-1", "line": line, "value": 8, **said})


def test_a_figure_is_declared_today_for_the_unit_of_its_period() -> None:
    said = declaring(note="Nêu trong báo cáo minh họa", baseline="năm trước", claim=Claim.INCREASED)

    assert figure.declare(of(), said, DAY) == FigureDeclared(
        subject=str(made("figure")),
        unit=DISTRICT,
        on=DAY,
        period="ky-1",
        line="LB-05",
        value=8,
        denominator=None,
        claim=Claim.INCREASED,
        baseline="năm trước",
        note="Nêu trong báo cáo minh họa",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("LB-02", {"value": 13, "denominator": 14}),
        ("LB-21", {"value": 49, "denominator": 222}),
        ("LB-15", {"value": None, "claim": Claim.DECREASED}),
        ("LB-15", {"value": -12}),
        ("LB-16", {"value": 0, "claim": Claim.NONE}),
    ],
)
def test_each_kind_of_line_is_declared_in_its_way(line: str, said: dict[str, Any]) -> None:
    told = figure.declare(of(line), declaring(line, **said), DAY)

    assert (told.value, told.denominator, told.claim) == tuple(
        said.get(name) for name in ("value", "denominator", "claim")
    )


@pytest.mark.parametrize(
    ("line", "said", "refusal"),
    [
        ("LB-05", {"value": None}, NothingDeclared),
        ("LB-05", {"value": -1}, BelowZero),
        ("LB-05", {"denominator": 9}, HasNoDenominator),
        ("LB-15", {"denominator": 9}, HasNoDenominator),
        ("LB-02", {"value": None, "claim": Claim.NONE, "denominator": 9}, HasNoDenominator),
        ("LB-02", {}, NeedsDenominator),
        ("LB-21", {}, NeedsDenominator),
    ],
)
def test_what_makes_no_figure_is_refused(line: str, said: dict[str, Any], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        figure.declare(of(line), declaring(line, **said), DAY)


@pytest.mark.parametrize(
    ("known_", "refusal"),
    [
        ({"period": None}, PeriodNotDeclared),
        ({"line": None}, LineNotInReport),
        ({"of_id": ("ky-1", "LB-06")}, IdOfAnotherLine),
        ({"of_id": ("ky-0", "LB-05")}, IdOfAnotherLine),
        ({"of_line": made("another")}, LineDeclaredAlready),
    ],
)
def test_figures_and_targets_belong_to_one_line_of_one_period(known_: dict[str, Any], refusal: type[Refused]) -> None:
    aim = SetTarget(target_id=made("figure"), period="ky-1", line="LB-05", value=9)

    with pytest.raises(refusal):
        figure.declare(of(**known_), declaring(), DAY)
    with pytest.raises(refusal):
        figure.aim(of(**known_), aim, DAY)


def test_under_its_id_a_figure_is_replaced_and_a_target_moved() -> None:
    again = of(of_id=("ky-1", "LB-05"), of_line=made("figure"))

    assert figure.declare(again, declaring(value=9), DAY).value == 9
    assert figure.aim(
        again, SetTarget(target_id=made("figure"), period="ky-1", line="LB-05", value=10), DAY
    ) == TargetSet(subject=str(made("figure")), unit=DISTRICT, on=DAY, period="ky-1", line="LB-05", value=10)


# What is passed on.


def shown(values: dict[str, Any] | None = None, **figures: Figure) -> dict[str, Any]:
    """Return a report to somebody who may see restricted lines."""
    counted = {line: Figure(0) for line, one in indicators().items() if not one.restricted}
    counted |= {line: Figure(0) for line, one in indicators().items() if one.restricted}
    counted |= {name.replace("_", "-"): one for name, one in figures.items()}
    permitted = known(values, figures=counted, withheld=None)
    return report(FORM, indicators(), permitted, definitions="abc", synthetic=True)


def line_of(told: dict[str, Any], code: str) -> dict[str, Any]:
    (one,) = (line for line in told["lines"] if line["code"] == code)
    return dict(one)


def parts(told: dict[str, Any], code: str) -> dict[str, int | None]:
    return {part["key"]: part["computed"] for part in line_of(told, code)["parts"]}


EACH = {ward.id: 6 for ward in WARDS}
"""Six in each of fourteen wards."""


def test_ordinary_lines_and_large_cells_are_passed_on_as_they_are() -> None:
    told = shown(SOURCE, LB_07=Figure(84, EACH), LB_05=Figure(1, {GIANG_BIEN: 1}))

    passed = for_export(told)

    assert parts(passed, "LB-07") == EACH
    assert line_of(passed, "LB-05") == line_of(told, "LB-05")
    assert (line_of(passed, "LB-07")["computed"], line_of(passed, "LB-07")["declared"]) == (84, 65)


def test_what_may_be_passed_on_stays_as_it_is() -> None:
    once = for_export(shown(SOURCE, LB_07=Figure(81, {**EACH, GIANG_BIEN: 3, PHUC_DONG: 5})))

    assert for_export(once) == once


def test_who_may_not_see_restricted_lines_sees_what_may_be_passed_on() -> None:
    told = report(
        FORM,
        indicators(),
        known(SOURCE, figures={line: Figure(0) for line, one in indicators().items() if not one.restricted}),
        definitions="abc",
        synthetic=True,
    )

    assert line_of(told, "LB-12a")["declared"] == 10
    assert (line_of(told, "LB-12b")["declared"], line_of(told, "LB-12b")["declaration"]["display"]) == (None, HIDDEN)


def test_a_small_cell_and_the_one_that_would_give_it_back_are_left_out() -> None:
    passed = for_export(shown(LB_07=Figure(81, {**EACH, GIANG_BIEN: 3, PHUC_DONG: 5})))

    cells = parts(passed, "LB-07")
    assert (cells[GIANG_BIEN], cells[PHUC_DONG]) == (None, None)
    assert sum(value is None for value in cells.values()) == 2
    assert line_of(passed, "LB-07")["computed"] == 81
    assert all(part["suppressed"] == (part["computed"] is None) for part in line_of(passed, "LB-07")["parts"])
    assert not any(part["small"] for part in line_of(passed, "LB-07")["parts"])


def test_two_small_cells_hide_each_other_only_if_they_are_enough_together() -> None:
    enough = for_export(shown(LB_07=Figure(79, {**EACH, GIANG_BIEN: 4, PHUC_DONG: 3})))
    too_few = for_export(shown(LB_07=Figure(75, {**EACH, GIANG_BIEN: 1, PHUC_DONG: 2})))

    assert sum(value is None for value in parts(enough, "LB-07").values()) == 2
    assert sum(value is None for value in parts(too_few, "LB-07").values()) == 3


def test_a_small_declared_figure_is_left_out_with_the_words_that_say_it() -> None:
    passed = line_of(for_export(shown(SOURCE, LB_12b=Figure(6, {PHUC_DONG: 6}))), "LB-12b")

    assert (passed["declared"], passed["declaration"]["value"], passed["difference"]) == (None, None, None)
    assert passed["declaration"]["display"] == HIDDEN
    assert (passed["declared_suppressed"], passed["suppressed"], passed["computed"]) == (True, False, 6)
    assert [part["declared"] for part in passed["parts"]] == [None]


def test_a_small_computed_figure_leaves_no_difference() -> None:
    passed = line_of(for_export(shown({"LB-12b": 7}, LB_12b=Figure(3, {PHUC_DONG: 3}))), "LB-12b")

    assert (passed["computed"], passed["numerator"], passed["display"]) == (None, None, HIDDEN)
    assert (passed["declared"], passed["difference"], passed["overlap"]) == (7, None, None)


def test_what_a_part_leaves_of_its_whole_is_no_small_cell_either() -> None:
    """Seven serve in a ward, six of them party members: the one who is not would be known."""
    seven, six = {**EACH, GIANG_BIEN: 20}, {**EACH, GIANG_BIEN: 19}
    passed = for_export(shown(LB_07=Figure(98, seven), LB_08=Figure(97, six)))

    assert parts(passed, "LB-08")[GIANG_BIEN] is None
    assert line_of(passed, "LB-08")["computed"] is None
    assert line_of(passed, "LB-07")["computed"] == 98


def test_how_many_are_in_both_parts_is_no_small_cell_either() -> None:
    passed = for_export(shown({"LB-07": 60, "LB-08": 40, "LB-09": 22}))

    assert [line_of(passed, code)["declared"] for code in ("LB-07", "LB-08", "LB-09")] == [60, 40, None]


def test_what_a_ward_has_beyond_another_line_is_no_small_cell_either() -> None:
    passed = for_export(shown(LB_10=Figure(84, EACH), LB_12a=Figure(8, {PHUC_DONG: 8})))

    assert line_of(passed, "LB-12a")["computed"] == 8
    assert parts(passed, "LB-10")[PHUC_DONG] is None


def test_an_issue_says_nothing_of_a_figure_that_was_left_out() -> None:
    told = shown({"LB-09": 29, "LB-11b": 28, "LB-12b": 2})
    (before,) = (one for one in told["issues"] if one["rule"] == "DQ-03")
    assert "= 30 >" in before["message"]["vi"]

    passed = for_export(told)

    (after,) = (one for one in passed["issues"] if one["rule"] == "DQ-03")
    assert (after["figures"], after["readings"]) == ([], [])
    assert "2" not in after["message"]["vi"] + after["message"]["en"]
    assert after in line_of(passed, "LB-12b")["issues"]
    assert [one for one in passed["issues"] if one["rule"] == "DQ-13"] == [
        one for one in told["issues"] if one["rule"] == "DQ-13"
    ]


def test_without_the_permission_there_is_nothing_computed_to_leave_out() -> None:
    withheld = report(
        FORM,
        indicators(),
        known(SOURCE, figures={code: Figure(0) for code, one in indicators().items() if not one.restricted}),
        definitions="abc",
        synthetic=False,
    )

    passed = for_export(withheld)

    assert line_of(passed, "LB-07") == {
        **line_of(withheld, "LB-07"),
        "suppressed": False,
        "declared_suppressed": False,
        "erased": None,
    }
    assert line_of(passed, "LB-12b")["declared"] is None


def test_what_is_given_is_not_changed() -> None:
    told, same = shown(SOURCE), shown(SOURCE)

    for_export(told)

    assert told == same
    assert isinstance(WARDS[0], Place)
