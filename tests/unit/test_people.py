"""Political ties: what is entered, who counts at which stage of a period, and what is told of it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.boards.domain import participation, person
from services.boards.domain.board import Serving
from services.boards.domain.participation import Participation, Period, PeriodNotYetKnown
from services.boards.domain.person import (
    EndTie,
    Ground,
    Introduction,
    NoEndOfThat,
    Office,
    OfficeHeld,
    ParticipationNotKept,
    PartyMembership,
    Person,
    PersonKeptElsewhere,
    PersonWasErased,
    Profile,
    Purpose,
    RecordIntroduction,
    RecordMembership,
    RecordPerson,
    TieDiffers,
    TieEndsBeforeItBegins,
    TieInTheFuture,
)
from shared.errors import NotFound
from shared.events import ParticipationEnded, ParticipationErased, ParticipationRecorded, PersonErased
from shared.events.boards import Category, Stage
from shared.registers.domain import UnitNotYetKnown
from tests.examples import DAY, FAR_WARD, HEAD, OTHER_WARD, PERIOD, PERIOD_FROM, PERIOD_TO, WARD, WARD_ID, made

BEGAN = date(2020, 5, 4)
PERIOD_OF_REVIEW = Period(PERIOD, "HN.Q004", PERIOD_FROM, PERIOD_TO)
MEMBER = PartyMembership(
    kind="PARTY_MEMBERSHIP", tie_id=made("membership"), category=Category.RESIDENT_PARTY_MEMBER, since=BEGAN
)
IN_SERVICE = MEMBER.model_copy(update={"tie_id": made("213"), "category": Category.REG_213})
HEAD_OF_GROUP = OfficeHeld(
    kind="OFFICE", tie_id=made("office"), office=Office.GROUP_HEAD, group=made("group"), since=BEGAN
)
INTRODUCED = Introduction(
    kind="INTRODUCTION",
    tie_id=made("introduction"),
    ward=WARD_ID,
    categories=(Category.RESIDENT_PARTY_MEMBER,),
    on=DAY,
)
WARDS = {WARD_ID: WARD}


def somebody(*ties: PartyMembership | OfficeHeld | Introduction) -> Person:
    return Person(HEAD, WARD, Profile(ties=ties))


def asked(tie: PartyMembership) -> RecordMembership:
    return RecordMembership(**tie.model_dump(), purpose=Purpose.REVIEW)


RECORD = RecordPerson(person_id=HEAD, unit=WARD_ID, name="Người Minh Họa", purpose=Purpose.RECOGNITION)


# Who a person is.


def test_a_person_is_recorded_with_the_path_of_their_unit() -> None:
    unit, identity = person.record(Ground(WARD, kept_elsewhere=False, erased=False), RECORD)

    assert unit == WARD
    assert identity.name == "Người Minh Họa"
    assert not hasattr(identity, "purpose")


@pytest.mark.parametrize(
    ("ground", "refusal"),
    [
        (Ground(None, kept_elsewhere=False, erased=False), UnitNotYetKnown),
        (Ground(WARD, kept_elsewhere=True, erased=False), PersonKeptElsewhere),
        (Ground(WARD, kept_elsewhere=False, erased=True), PersonWasErased),
    ],
)
def test_nobody_is_recorded_without_unit_out_of_scope_or_after_erasure(
    ground: Ground, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        person.record(ground, RECORD)


# Ties.


def test_a_tie_is_added() -> None:
    assert person.tie(somebody(HEAD_OF_GROUP), asked(MEMBER), DAY, kept=True) == Profile(ties=(HEAD_OF_GROUP, MEMBER))


def test_the_same_tie_again_changes_nothing() -> None:
    known = somebody(MEMBER)

    assert person.tie(known, asked(MEMBER), DAY, kept=True) == known.profile


def test_another_tie_under_the_same_id_is_refused() -> None:
    with pytest.raises(TieDiffers):
        person.tie(somebody(MEMBER), asked(MEMBER.model_copy(update={"since": DAY})), DAY, kept=True)


def test_a_tie_is_refused_of_nobody_in_the_future_upside_down_or_where_none_are_kept() -> None:
    later = MEMBER.model_copy(update={"since": PERIOD_TO})
    over = MEMBER.model_copy(update={"until": BEGAN})
    introduced = RecordIntroduction(**{**INTRODUCED.model_dump(), "on": PERIOD_TO}, purpose=Purpose.REVIEW)

    with pytest.raises(NotFound):
        person.tie(None, asked(MEMBER), DAY, kept=True)
    with pytest.raises(TieInTheFuture):
        person.tie(somebody(), asked(later), DAY, kept=True)
    with pytest.raises(TieInTheFuture):
        person.tie(somebody(), introduced, DAY, kept=True)
    with pytest.raises(TieEndsBeforeItBegins):
        person.tie(somebody(), asked(over), DAY, kept=True)
    with pytest.raises(ParticipationNotKept):
        person.tie(somebody(), asked(MEMBER), DAY, kept=False)


def test_a_tie_ends_once_and_an_introduction_never() -> None:
    end = EndTie(until=DAY, purpose=Purpose.REVIEW)
    ended = person.end_tie(somebody(MEMBER), MEMBER.tie_id, end)

    assert ended.ties == (MEMBER.model_copy(update={"until": DAY}),)
    assert person.end_tie(Person(HEAD, WARD, ended), MEMBER.tie_id, end) == ended
    with pytest.raises(NoEndOfThat):
        person.end_tie(Person(HEAD, WARD, ended), MEMBER.tie_id, end.model_copy(update={"until": PERIOD_TO}))
    with pytest.raises(NoEndOfThat):
        person.end_tie(somebody(INTRODUCED), INTRODUCED.tie_id, end)
    with pytest.raises(NotFound):
        person.end_tie(somebody(), MEMBER.tie_id, end)


def test_erasing_is_told_without_a_word_about_the_person() -> None:
    assert person.erase(somebody(MEMBER), DAY) == PersonErased(subject=str(HEAD), unit=WARD, on=DAY)
    with pytest.raises(NotFound):
        person.erase(None, DAY)


# Who serves, who was introduced.


def serve(*ties: PartyMembership | OfficeHeld | Introduction, ward: str = WARD) -> tuple[Category, ...] | None:
    found = participation.serving(
        PERIOD_OF_REVIEW, DAY, [Serving(HEAD, made("board"), ward, "HEAD")], {HEAD: Profile(ties=ties)}
    )
    return found[0].categories if found else None


def test_who_serves_counts_with_every_tie_of_that_day() -> None:
    assert serve(MEMBER) == (Category.RESIDENT_PARTY_MEMBER,)
    assert serve(HEAD_OF_GROUP, MEMBER) == (Category.GROUP_OFFICE, Category.RESIDENT_PARTY_MEMBER)
    assert serve(HEAD_OF_GROUP, IN_SERVICE) == (Category.GROUP_OFFICE,)


def test_without_a_tie_that_day_nobody_counts_as_serving() -> None:
    in_charge = HEAD_OF_GROUP.model_copy(update={"office": Office.COMMITTEE_MEMBER_IN_CHARGE})

    assert serve() is None
    assert serve(IN_SERVICE) is None
    assert serve(INTRODUCED) is None
    assert serve(in_charge) is None
    assert serve(MEMBER.model_copy(update={"until": DAY})) is None
    assert serve(MEMBER, ward=FAR_WARD) is None


def test_who_sits_on_two_boards_serves_once() -> None:
    seats = [Serving(HEAD, made(name), ward, "MEMBER") for name, ward in (("one", WARD), ("two", OTHER_WARD))]

    assert len(participation.serving(PERIOD_OF_REVIEW, DAY, seats, {HEAD: Profile(ties=(MEMBER,))})) == 1


def introduce(*ties: PartyMembership | OfficeHeld | Introduction) -> tuple[Category, ...] | None:
    found = participation.introduced(PERIOD_OF_REVIEW, {HEAD: Profile(ties=ties)}, WARDS)
    return found[0].categories if found else None


def test_introductions_of_the_period_count_with_all_their_categories() -> None:
    again = INTRODUCED.model_copy(update={"tie_id": made("again"), "categories": (Category.GROUP_OFFICE,)})

    assert introduce(INTRODUCED, again) == (Category.GROUP_OFFICE, Category.RESIDENT_PARTY_MEMBER)


def test_a_member_in_service_who_holds_an_office_is_introduced_as_an_office_holder_too() -> None:
    in_service = INTRODUCED.model_copy(update={"categories": (Category.REG_213,)})

    assert introduce(in_service) == (Category.REG_213,)
    assert introduce(in_service, HEAD_OF_GROUP) == (Category.GROUP_OFFICE, Category.REG_213)


@pytest.mark.parametrize("on", [date(2025, 9, 29), date(2026, 12, 2)])
def test_an_introduction_outside_the_period_does_not_count(on: date) -> None:
    assert introduce(INTRODUCED.model_copy(update={"on": on})) is None


def test_an_introduction_by_a_ward_of_another_district_does_not_count() -> None:
    assert introduce(INTRODUCED.model_copy(update={"ward": "Q009-00343-v1"})) is None


# What is told.

SAID = Participation(WARD, Stage.SERVING, (Category.RESIDENT_PARTY_MEMBER,), PERIOD_FROM, PERIOD_TO)
TOLD = ParticipationRecorded(
    subject="p",
    unit=WARD,
    on=PERIOD_TO,
    stage=Stage.SERVING,
    categories=(Category.RESIDENT_PARTY_MEMBER,),
    period_from=PERIOD_FROM,
    period_to=PERIOD_TO,
)


def test_what_holds_and_was_not_told_is_told() -> None:
    assert participation.facts({"p": SAID}, {}) == [TOLD]
    assert participation.facts({"p": SAID}, {"p": replace(SAID, ward=OTHER_WARD)}) == [TOLD]


def test_what_no_longer_holds_is_ended_and_who_was_erased_is_told_as_erased() -> None:
    around = {"subject": "p", "unit": WARD, "on": PERIOD_TO}

    assert participation.facts({}, {"p": SAID}) == [ParticipationEnded(**around)]
    assert participation.facts({}, {"p": replace(SAID, erased=True)}) == [ParticipationErased(**around)]


def test_what_was_told_and_holds_is_not_told_again() -> None:
    assert participation.facts({"p": SAID}, {"p": SAID}) == []


def test_without_a_declared_period_or_where_it_is_not_kept_nothing_is_told() -> None:
    assert participation.must_know([PERIOD_OF_REVIEW], kept=True) == [PERIOD_OF_REVIEW]
    with pytest.raises(PeriodNotYetKnown):
        participation.must_know([], kept=True)
    with pytest.raises(ParticipationNotKept):
        participation.must_know([PERIOD_OF_REVIEW], kept=False)


def test_a_restricted_fact_says_nothing_but_stage_categories_period_and_ward() -> None:
    assert TOLD.data().keys() == {"stage", "categories", "period_from", "period_to"}
    assert not any(str(one) in TOLD.model_dump_json() for one in (HEAD, UUID(int=0), BEGAN, DAY))
