"""Decisions about units, residential groups and buildings: each does it, refuses, stays quiet."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from services.buildings import domain
from services.buildings.domain import building, group, unit
from services.buildings.domain.building import Building, Link, RegisterBuilding
from services.buildings.domain.group import Group
from services.buildings.domain.unit import Unit
from shared.errors import NotFound, Refused
from shared.events import (
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingRegistered,
    BuildingTakenOutOfUse,
    BuildingUnlinkedFromResidentialGroup,
    LiaisonNamed,
    ResidentialGroupDissolved,
    ResidentialGroupFormed,
    UnitClosed,
    UnitEstablished,
)
from shared.events.buildings import Owners, Place, Succession, Successor, UnitKind
from tests.examples import (
    BUILDING,
    DAY,
    DISTRICT,
    GROUP,
    HEAD,
    OTHER_GROUP,
    OTHER_WARD,
    OTHER_WARD_ID,
    WARD,
    WARD_ID,
)

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
LONG_AGO = date(2010, 1, 1)

A_WARD = Unit(WARD_ID, WARD, UnitKind.WARD, LONG_AGO, None)
OTHER = Unit(OTHER_WARD_ID, OTHER_WARD, UnitKind.WARD, LONG_AGO, None)
A_DISTRICT = Unit("Q004", DISTRICT, UnitKind.DISTRICT, LONG_AGO, None)
A_GROUP = Group(GROUP, WARD, LONG_AGO, None)
A_BUILDING = Building(BUILDING, WARD, WARD_ID, LONG_AGO, LONG_AGO, None, None)
IN_USE = replace(A_BUILDING, used_from=date(2012, 1, 1))


# Administrative units.


def establish(**changed: object) -> UnitEstablished:
    given = {
        "known": None,
        "parent": A_DISTRICT,
        "unit_id": "Q004-09999-v1",
        "on": DAY,
        "name": "Phường Minh Họa",
        "kind": UnitKind.WARD,
        "official_code": "09999",
        "parent_id": "Q004",
        "since": None,
    }
    return unit.establish(**{**given, **changed})  # type: ignore[arg-type]


def test_a_ward_is_established_under_its_parents_path() -> None:
    assert establish() == UnitEstablished(
        subject="Q004-09999-v1",
        unit="HN.Q004.Q004-09999-v1",
        on=DAY,
        name="Phường Minh Họa",
        kind=UnitKind.WARD,
        official_code="09999",
        parent="Q004",
        since=None,
    )


def test_a_city_has_no_parent_and_is_its_own_path() -> None:
    city = establish(unit_id="HN", parent=None, parent_id=None, kind=UnitKind.CITY)

    assert (city.unit, city.parent) == ("HN", None)


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (unit.UnitAlreadyEstablished, {"known": A_WARD}),
        (unit.UnitNotYetKnown, {"parent": None}),
        (unit.UnitNotInForce, {"parent": replace(A_DISTRICT, closed=DAY)}),
        (unit.UnitNotInForce, {"parent": replace(A_DISTRICT, recorded_from=AFTER)}),
    ],
)
def test_a_unit_is_not_established_twice_or_under_a_parent_that_is_not(
    refusal: type[Refused], changed: dict[str, object]
) -> None:
    with pytest.raises(refusal):
        establish(**changed)


MERGED = (Successor(unit_id=OTHER_WARD_ID, kind=Succession.MERGE, whole=True),)


def test_a_unit_is_closed_and_says_what_it_passed_into() -> None:
    assert unit.close(A_WARD, frozenset(), MERGED, DAY) == UnitClosed(
        subject=WARD_ID, unit=WARD, on=DAY, successors=MERGED
    )


@pytest.mark.parametrize(
    ("refusal", "known", "missing"),
    [
        (NotFound, None, frozenset()),
        (unit.UnitNotYetKnown, A_WARD, frozenset({OTHER_WARD_ID})),
        (unit.UnitNotInForce, replace(A_WARD, closed=DAY), frozenset()),
        (unit.UnitNotInForce, replace(A_WARD, recorded_from=AFTER), frozenset()),
    ],
)
def test_a_unit_is_not_closed_that_is_not_or_into_one_that_is_not_known(
    refusal: type[Refused], known: Unit | None, missing: frozenset[str]
) -> None:
    with pytest.raises(refusal):
        unit.close(known, missing, MERGED, DAY)


def test_a_unit_is_in_force_from_its_first_day_until_the_day_it_is_closed() -> None:
    known = replace(A_WARD, recorded_from=DAY, closed=AFTER)

    assert [known.in_force(on) for on in (BEFORE, DAY, AFTER)] == [False, True, False]


def test_a_liaison_is_named_and_nobody_may_be() -> None:
    named = unit.name_liaison(Place.UNIT, WARD_ID, WARD, HEAD, DAY)
    nobody = unit.name_liaison(Place.UNIT, WARD_ID, WARD, None, DAY)

    assert named == LiaisonNamed(subject=WARD_ID, unit=WARD, on=DAY, place=Place.UNIT, person=HEAD)
    assert nobody.person is None


def test_nobody_is_named_for_a_place_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        unit.name_liaison(Place.GROUP, str(GROUP), None, HEAD, DAY)


# Residential groups.


def form(**changed: object) -> ResidentialGroupFormed:
    given = {"exists": False, "number_taken": False, "unit": A_WARD, "group": GROUP, "number": "7", "on": DAY}
    return group.form(**{**given, **changed})  # type: ignore[arg-type]


def test_a_group_is_formed_in_its_ward() -> None:
    assert form() == ResidentialGroupFormed(subject=str(GROUP), unit=WARD, on=DAY, ward=WARD_ID, number="7")


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (group.GroupAlreadyFormed, {"exists": True}),
        (group.NumberTaken, {"number_taken": True}),
        (unit.UnitNotYetKnown, {"unit": None}),
        (unit.UnitNotInForce, {"unit": replace(A_WARD, closed=DAY)}),
        (unit.NotAWard, {"unit": A_DISTRICT}),
    ],
)
def test_a_group_is_not_formed_twice_nor_outside_a_ward(refusal: type[Refused], changed: dict[str, object]) -> None:
    with pytest.raises(refusal):
        form(**changed)


def test_a_group_repeated_is_refused_for_being_there_not_for_its_number() -> None:
    with pytest.raises(group.GroupAlreadyFormed):
        form(exists=True, number_taken=True)


def test_a_group_is_dissolved() -> None:
    assert group.dissolve(A_GROUP, (), DAY) == ResidentialGroupDissolved(subject=str(GROUP), unit=WARD, on=DAY)


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (group.GroupNotActive, replace(A_GROUP, dissolved=DAY)),
        (group.GroupNotActive, replace(A_GROUP, formed=AFTER)),
        (group.GroupNotActive, replace(A_GROUP, formed=DAY)),
    ],
)
def test_a_group_is_not_dissolved_that_is_not_or_on_its_first_day(refusal: type[Refused], known: Group | None) -> None:
    with pytest.raises(refusal):
        group.dissolve(known, (), DAY)


def test_a_group_is_not_dissolved_while_a_building_belongs_to_it() -> None:
    with pytest.raises(group.StillLinked) as refused:
        group.dissolve(A_GROUP, (BUILDING,), DAY)

    assert refused.value.facts == {"buildings": [str(BUILDING)]}


# Buildings.

ASKED = RegisterBuilding(
    building_id=BUILDING,
    on=DAY,
    ward=WARD_ID,
    name="Nhà chung cư minh họa",
    address="Số 1 đường Minh Họa",
    blocks=2,
    storeys=15,
    apartments=180,
    lift=True,
    built_year=2010,
    owners=Owners.MULTIPLE,
)


def test_a_building_is_registered_with_its_facts() -> None:
    assert building.register(exists=False, namesake=False, unit=A_WARD, asked=ASKED) == BuildingRegistered(
        subject=str(BUILDING),
        unit=WARD,
        on=DAY,
        ward=WARD_ID,
        name="Nhà chung cư minh họa",
        address="Số 1 đường Minh Họa",
        blocks=2,
        storeys=15,
        apartments=180,
        lift=True,
        built_year=2010,
        owners=Owners.MULTIPLE,
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "namesake", "where"),
    [
        (building.BuildingAlreadyRegistered, True, False, A_WARD),
        (building.BuildingAlreadyRegistered, True, True, A_WARD),
        (building.Namesake, False, True, A_WARD),
        (unit.UnitNotYetKnown, False, False, None),
        (unit.UnitNotInForce, False, False, replace(A_WARD, closed=DAY)),
        (unit.NotAWard, False, False, A_DISTRICT),
    ],
)
def test_a_building_is_not_registered_twice_nor_outside_a_ward(
    refusal: type[Refused], *, exists: bool, namesake: bool, where: Unit | None
) -> None:
    with pytest.raises(refusal):
        building.register(exists=exists, namesake=namesake, unit=where, asked=ASKED)


@pytest.mark.parametrize(
    "wrong", [{"storeys": 1}, {"blocks": 0}, {"built_year": 1899}, {"name": " "}, {"name": "a\0b"}]
)
def test_a_house_of_one_storey_or_without_a_name_cannot_be_asked_for(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RegisterBuilding.model_validate({**ASKED.model_dump(), **wrong})


def test_a_building_is_put_in_use_at_first_and_again_after_its_use_ended() -> None:
    again = replace(IN_USE, used_until=DAY)
    expected = BuildingPutInUse(subject=str(BUILDING), unit=WARD, on=DAY)

    assert building.put_in_use(A_BUILDING, DAY) == expected
    assert building.put_in_use(again, DAY) == expected


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (building.AlreadyInUse, IN_USE),
        (building.AlreadyInUse, replace(IN_USE, used_until=AFTER)),
        (building.BeforeItsRegistration, replace(A_BUILDING, registered=AFTER)),
    ],
)
def test_a_building_is_not_put_in_use_that_is(refusal: type[Refused], known: Building | None) -> None:
    with pytest.raises(refusal):
        building.put_in_use(known, DAY)


def test_a_building_is_taken_out_of_use() -> None:
    assert building.take_out_of_use(IN_USE, DAY) == BuildingTakenOutOfUse(subject=str(BUILDING), unit=WARD, on=DAY)


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (building.NotInUse, A_BUILDING),
        (building.NotInUse, replace(IN_USE, used_until=BEFORE)),
        (building.NotInUse, replace(IN_USE, used_from=DAY)),
        (building.BeforeItsRegistration, replace(IN_USE, registered=AFTER)),
    ],
)
def test_a_building_is_not_taken_out_of_a_use_it_has_not(refusal: type[Refused], known: Building | None) -> None:
    with pytest.raises(refusal):
        building.take_out_of_use(known, DAY)


def test_a_building_is_assigned_to_another_ward_and_told_of_there() -> None:
    assert building.assign(A_BUILDING, OTHER, DAY) == BuildingAssignedToUnit(
        subject=str(BUILDING), unit=OTHER_WARD, on=DAY, ward=OTHER_WARD_ID
    )


@pytest.mark.parametrize(
    ("refusal", "known", "where"),
    [
        (NotFound, None, OTHER),
        (building.AlreadyInThisWard, A_BUILDING, A_WARD),
        (building.MovedSince, replace(A_BUILDING, placed=DAY), OTHER),
        (building.MovedSince, replace(A_BUILDING, placed=AFTER), OTHER),
        (unit.UnitNotYetKnown, A_BUILDING, None),
        (unit.NotAWard, A_BUILDING, A_DISTRICT),
        (building.BeforeItsRegistration, replace(A_BUILDING, registered=AFTER), OTHER),
    ],
)
def test_a_building_is_not_assigned_where_it_lies_or_before_a_later_move(
    refusal: type[Refused], known: Building | None, where: Unit | None
) -> None:
    with pytest.raises(refusal):
        building.assign(known, where, DAY)


def test_a_building_is_linked_to_a_group() -> None:
    assert building.link(A_BUILDING, A_GROUP, Link(BEFORE, DAY), DAY) == BuildingLinkedToResidentialGroup(
        subject=str(BUILDING), unit=WARD, on=DAY, group=GROUP
    )


@pytest.mark.parametrize(
    ("refusal", "known", "to", "linked"),
    [
        (NotFound, None, A_GROUP, None),
        (group.GroupNotYetKnown, A_BUILDING, None, None),
        (group.GroupNotActive, A_BUILDING, replace(A_GROUP, dissolved=DAY), None),
        (building.AlreadyLinked, A_BUILDING, A_GROUP, Link(BEFORE, None)),
        (building.AlreadyLinked, A_BUILDING, A_GROUP, Link(BEFORE, AFTER)),
    ],
)
def test_a_building_is_not_linked_twice_nor_to_a_group_that_is_not(
    refusal: type[Refused], known: Building | None, to: Group | None, linked: Link | None
) -> None:
    with pytest.raises(refusal):
        building.link(known, to, linked, DAY)


def test_a_building_is_unlinked_from_a_group() -> None:
    assert building.unlink(A_BUILDING, OTHER_GROUP, Link(BEFORE, None), DAY) == BuildingUnlinkedFromResidentialGroup(
        subject=str(BUILDING), unit=WARD, on=DAY, group=OTHER_GROUP
    )


@pytest.mark.parametrize(
    ("refusal", "known", "linked"),
    [
        (NotFound, None, Link(BEFORE, None)),
        (building.NotLinked, A_BUILDING, None),
        (building.NotLinked, A_BUILDING, Link(DAY, None)),
        (building.NotLinked, A_BUILDING, Link(BEFORE, AFTER)),
    ],
)
def test_a_building_is_not_unlinked_from_what_it_does_not_belong_to(
    refusal: type[Refused], known: Building | None, linked: Link | None
) -> None:
    with pytest.raises(refusal):
        building.unlink(known, GROUP, linked, DAY)


def test_what_is_decided_leaves_what_was_known_as_it_was() -> None:
    known = replace(A_BUILDING)

    domain.building.put_in_use(known, DAY)

    assert known == A_BUILDING
