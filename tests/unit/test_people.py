"""Political ties: what is entered, who counts at which stage of a period, and what is told of it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.boards.domain import participation, person
from services.boards.domain.board import Serving
from services.boards.domain.group import Group, GroupNotYetKnown
from services.boards.domain.participation import Participation, Period, PeriodNotYetKnown
from services.boards.domain.person import (
    EndTie,
    Ground,
    GroupOfTheOffice,
    Introduction,
    IntroductionHasNoEnd,
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
    RecordOffice,
    RecordPerson,
    TieDiffers,
    TieEndsBeforeItBegins,
    TieGround,
    TieInTheFuture,
)
from shared.auth import OutsideYourUnits
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


GROUPS = {made("group"): Group(made("group"), WARD, BEGAN, None)}


def tie(known: Person | None, tied: RecordMembership | RecordOffice | RecordIntroduction) -> Profile:
    return person.tie(TieGround(known, WARD, GROUPS), tied, DAY, kept=True)


def test_a_tie_is_added() -> None:
    assert tie(somebody(HEAD_OF_GROUP), asked(MEMBER)) == Profile(ties=(HEAD_OF_GROUP, MEMBER))


def test_the_same_tie_again_changes_nothing_also_when_it_has_ended_since() -> None:
    known, ended = somebody(MEMBER), somebody(MEMBER.model_copy(update={"until": DAY}))

    assert tie(known, asked(MEMBER)) == known.profile
    assert tie(ended, asked(MEMBER)) == ended.profile


def test_another_tie_under_the_same_id_is_refused() -> None:
    with pytest.raises(TieDiffers):
        tie(somebody(MEMBER), asked(MEMBER.model_copy(update={"since": DAY})))


def test_a_tie_is_refused_of_nobody_in_the_future_upside_down_or_where_none_are_kept() -> None:
    later = MEMBER.model_copy(update={"since": PERIOD_TO})
    over = MEMBER.model_copy(update={"until": BEGAN})
    introduced = RecordIntroduction(**{**INTRODUCED.model_dump(), "on": PERIOD_TO}, purpose=Purpose.REVIEW)

    with pytest.raises(NotFound):
        tie(None, asked(MEMBER))
    with pytest.raises(TieInTheFuture):
        tie(somebody(), asked(later))
    with pytest.raises(TieInTheFuture):
        tie(somebody(), introduced)
    with pytest.raises(TieEndsBeforeItBegins):
        tie(somebody(), asked(over))
    with pytest.raises(ParticipationNotKept):
        person.tie(TieGround(somebody()), asked(MEMBER), DAY, kept=False)


def test_an_office_names_its_group_and_an_introduction_a_ward_that_is_known() -> None:
    office = RecordOffice(**HEAD_OF_GROUP.model_dump(), purpose=Purpose.REVIEW)
    introduced = RecordIntroduction(**INTRODUCED.model_dump(), purpose=Purpose.REVIEW)
    in_charge = office.model_copy(update={"office": Office.COMMITTEE_MEMBER_IN_CHARGE})

    assert tie(somebody(), office).ties == (HEAD_OF_GROUP,)
    assert tie(somebody(), introduced).ties == (INTRODUCED,)
    with pytest.raises(GroupNotYetKnown):
        person.tie(TieGround(somebody()), office, DAY, kept=True)
    with pytest.raises(GroupOfTheOffice):
        tie(somebody(), office.model_copy(update={"group": None}))
    with pytest.raises(GroupOfTheOffice):
        tie(somebody(), in_charge)
    with pytest.raises(UnitNotYetKnown):
        person.tie(TieGround(somebody()), introduced, DAY, kept=True)


def test_a_tie_ends_and_an_introduction_never() -> None:
    end = EndTie(until=DAY, purpose=Purpose.REVIEW)
    ended = person.end_tie(somebody(MEMBER), MEMBER.tie_id, end)
    later = person.end_tie(Person(HEAD, WARD, ended), MEMBER.tie_id, end.model_copy(update={"until": PERIOD_TO}))

    assert ended.ties == (MEMBER.model_copy(update={"until": DAY}),)
    assert person.end_tie(Person(HEAD, WARD, ended), MEMBER.tie_id, end) == ended
    assert later.ties == (MEMBER.model_copy(update={"until": PERIOD_TO}),)
    with pytest.raises(IntroductionHasNoEnd):
        person.end_tie(somebody(INTRODUCED), INTRODUCED.tie_id, end)
    with pytest.raises(NotFound):
        person.end_tie(somebody(), MEMBER.tie_id, end)


def test_a_tie_entered_by_mistake_never_was() -> None:
    assert person.withdraw_tie(somebody(MEMBER, INTRODUCED), INTRODUCED.tie_id).ties == (MEMBER,)
    with pytest.raises(NotFound):
        person.withdraw_tie(somebody(), MEMBER.tie_id)


def test_erasing_is_told_without_a_word_about_the_person() -> None:
    assert person.erase(somebody(MEMBER), DAY, erased=False) == PersonErased(subject=str(HEAD), unit=WARD, on=DAY)
    with pytest.raises(NotFound):
        person.erase(None, DAY, erased=False)
    with pytest.raises(PersonWasErased):
        person.erase(None, DAY, erased=True)


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


def test_who_was_not_erased_after_all_is_told_of_again() -> None:
    assert participation.facts({"p": SAID}, {"p": replace(SAID, erased=True)}) == [TOLD]


def test_only_long_enough_periods_of_the_callers_units_are_told_of() -> None:
    days = replace(PERIOD_OF_REVIEW, end=date(2025, 12, 1))

    assert participation.to_tell([PERIOD_OF_REVIEW, days], DAY, ["HN"], kept=True) == [PERIOD_OF_REVIEW]
    with pytest.raises(OutsideYourUnits):
        participation.to_tell([PERIOD_OF_REVIEW], DAY, ["HN.Q009", "HN.Q0"], kept=True)
    with pytest.raises(PeriodNotYetKnown):
        participation.to_tell([], DAY, ["HN"], kept=True)


def test_where_nothing_is_kept_everything_told_ends() -> None:
    assert participation.to_tell([PERIOD_OF_REVIEW], DAY, ["HN"], kept=False) == []
    assert participation.concerned({"p": SAID}, [], kept=False) == {"p": SAID}
    assert participation.concerned({"p": SAID}, [], kept=True) == {}
    assert participation.concerned({"p": SAID}, [PERIOD_OF_REVIEW], kept=True) == {"p": SAID}


@pytest.mark.parametrize(
    ("last", "today", "due"),
    [
        (None, date(2026, 12, 2), False),
        (date(2026, 12, 1), date(2026, 12, 1), False),
        (date(2026, 12, 1), date(2026, 12, 2), True),
        (date(2026, 12, 2), date(2026, 12, 31), False),
        (date(2026, 12, 31), date(2027, 1, 1), True),
    ],
)
def test_it_is_told_by_itself_once_a_period_is_over_and_then_once_a_month(
    last: date | None, today: date, due: bool
) -> None:
    assert participation.due([PERIOD_OF_REVIEW], last, today) == due


def test_nothing_is_told_by_itself_of_a_period_that_runs() -> None:
    assert participation.ended([PERIOD_OF_REVIEW], PERIOD_TO, kept=True) == []
    assert participation.ended([PERIOD_OF_REVIEW], date(2026, 12, 2), kept=True) == [PERIOD_OF_REVIEW]


def test_a_restricted_fact_says_nothing_but_stage_categories_period_and_ward() -> None:
    assert TOLD.data().keys() == {"stage", "categories", "period_from", "period_to"}
    assert not any(str(one) in TOLD.model_dump_json() for one in (HEAD, UUID(int=0), BEGAN, DAY))
