"""Decisions about inspections and violations: each does it, refuses, stays quiet."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.buildings.domain import building, inspection, violation
from services.buildings.domain.building import Building
from services.buildings.domain.inspection import RecordInspection
from services.buildings.domain.violation import DecideViolation, RecordViolation, Violation
from shared.errors import NotFound, Refused
from shared.events import InspectionConducted, ViolationDecided, ViolationRecorded, ViolationRemedied
from shared.events.buildings import InspectionTopic, ViolationCode
from tests.examples import BUILDING, DAY, DECISION, WARD, WARD_ID, made, of

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
LONG_AGO = date(2010, 1, 1)

A_BUILDING = Building(BUILDING, WARD, WARD_ID, LONG_AGO, LONG_AGO, None, None)


# Inspections.

INSPECTED = RecordInspection(
    inspection_id=made("inspection"), on=DAY, building=BUILDING, topic=InspectionTopic.FIRE_SAFETY
)


@pytest.mark.parametrize("known", [A_BUILDING, replace(A_BUILDING, registered=DAY)])
def test_a_building_is_inspected_where_it_lies(known: Building) -> None:
    assert inspection.conduct(exists=False, building=known, asked=INSPECTED) == InspectionConducted(
        **of("inspection"), building=BUILDING, topic=InspectionTopic.FIRE_SAFETY
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "known"),
    [
        (inspection.InspectionAlreadyRecorded, True, None),
        (inspection.BuildingNotYetKnown, False, None),
        (building.BeforeItsRegistration, False, replace(A_BUILDING, registered=AFTER)),
    ],
)
def test_an_inspection_is_not_recorded_twice_nor_of_a_building_that_is_not(
    refusal: type[Refused], known: Building | None, *, exists: bool
) -> None:
    with pytest.raises(refusal):
        inspection.conduct(exists=exists, building=known, asked=INSPECTED)


# Violations.

FOUND = RecordViolation(
    violation_id=made("violation"),
    on=DAY,
    building=BUILDING,
    inspection=made("inspection"),
    code=ViolationCode.OCCUPY_COMMON,
)
SEEN = FOUND.model_copy(update={"inspection": None})


@pytest.mark.parametrize("inspected", [BEFORE, DAY])
def test_a_violation_is_put_on_record_as_an_inspection_found_it(inspected: date) -> None:
    recorded = violation.record(exists=False, building=A_BUILDING, inspected=inspected, asked=FOUND)

    assert recorded == ViolationRecorded(
        **of("violation"), building=BUILDING, inspection=made("inspection"), code=ViolationCode.OCCUPY_COMMON
    )


def test_a_violation_may_be_found_without_an_inspection() -> None:
    assert violation.record(exists=False, building=A_BUILDING, inspected=None, asked=SEEN) == ViolationRecorded(
        **of("violation"), building=BUILDING, inspection=None, code=ViolationCode.OCCUPY_COMMON
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "known", "inspected"),
    [
        (violation.ViolationAlreadyRecorded, True, None, None),
        (inspection.BuildingNotYetKnown, False, None, None),
        (building.BeforeItsRegistration, False, replace(A_BUILDING, registered=AFTER), DAY),
        (violation.InspectionNotYetKnown, False, A_BUILDING, None),
        (violation.BeforeItsInspection, False, A_BUILDING, AFTER),
    ],
)
def test_a_violation_is_not_recorded_twice_nor_before_what_it_is_found_by(
    refusal: type[Refused], known: Building | None, inspected: date | None, *, exists: bool
) -> None:
    with pytest.raises(refusal):
        violation.record(exists=exists, building=known, inspected=inspected, asked=FOUND)


RECORDED = Violation(made("violation"), WARD, DAY, None, None)
DECIDE = DecideViolation(decision=DECISION)


@pytest.mark.parametrize("known", [RECORDED, replace(RECORDED, remedied=DAY)])
def test_a_violation_is_decided_upon_also_when_it_was_put_right(known: Violation) -> None:
    assert violation.decide(known, DECIDE) == ViolationDecided(**of("violation"), decision=DECISION)


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (violation.ViolationAlreadyDecided, replace(RECORDED, decided=DAY)),
        (violation.BeforeItWasPutOnRecord, replace(RECORDED, recorded=AFTER)),
    ],
)
def test_a_violation_is_not_decided_upon_twice_nor_before_it_was_recorded(
    refusal: type[Refused], known: Violation | None
) -> None:
    with pytest.raises(refusal):
        violation.decide(known, DECIDE)


@pytest.mark.parametrize("known", [RECORDED, replace(RECORDED, decided=DAY)])
def test_a_violation_is_put_right_decided_upon_or_not(known: Violation) -> None:
    assert violation.remedy(known, DAY) == ViolationRemedied(**of("violation"))


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (violation.AlreadyRemedied, replace(RECORDED, remedied=DAY)),
        (violation.BeforeItWasPutOnRecord, replace(RECORDED, recorded=AFTER)),
    ],
)
def test_a_violation_is_not_put_right_twice_nor_before_it_was_recorded(
    refusal: type[Refused], known: Violation | None
) -> None:
    with pytest.raises(refusal):
        violation.remedy(known, DAY)
