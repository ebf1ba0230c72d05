"""Decisions about boards and petitions: each does it, refuses, stays quiet."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from services.boards.domain import board, petition
from services.boards.domain.board import Board, CloseBoard, FormBoard, Ground
from services.boards.domain.petition import FilePetition, FlagComplex, Petition, ResolvePetition
from shared.caller import Asked
from shared.errors import NotFound, Refused
from shared.events import BoardClosed, BoardFormed, Document, PetitionFiled, PetitionFlaggedComplex, PetitionResolved
from shared.events.boards import Channel, Closure, Complexity, Member, Outcome, PetitionKind, Role, Topic
from shared.law import NotInForce
from tests.examples import (
    BATCH,
    BOARD,
    BUILDING,
    DAY,
    DECISION,
    MEMBERS,
    OTHER_BUILDING,
    PETITION,
    WARD,
    WARD_ID,
    board_formed,
    made,
    petition_filed,
)

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def members(count: int) -> tuple[Member, ...]:
    return (
        Member(person=made("person 0"), role=Role.HEAD),
        *(Member(person=made(f"person {nth}"), role=Role.MEMBER) for nth in range(1, count)),
    )


# Boards.

GROUND = Ground(exists=False, missing=frozenset(), unit=WARD, blocks=1, has_board=False)
ASKED = FormBoard(board_id=BOARD, building_ids=(BUILDING,), decision=DECISION, elected_on=DAY, members=MEMBERS)


def test_a_board_is_formed_from_the_day_of_its_decision_for_three_years() -> None:
    assert board.form(GROUND, ASKED) == BoardFormed(
        subject=str(BOARD),
        unit=WARD,
        on=DAY,
        building_ids=(BUILDING,),
        decision=DECISION,
        elected_on=DAY,
        term_from=DAY,
        term_to=date(2029, 3, 2),
        members=MEMBERS,
    )


def test_the_example_is_what_the_decision_gives() -> None:
    assert board.form(GROUND, ASKED) == board_formed()


def test_a_board_may_be_formed_without_a_known_day_of_election() -> None:
    assert board.form(GROUND, ASKED.model_copy(update={"elected_on": None})).elected_on is None


@pytest.mark.parametrize(
    ("refusal", "ground"),
    [
        (board.BoardAlreadyFormed, replace(GROUND, exists=True)),
        (board.BoardAlreadyFormed, replace(GROUND, exists=True, has_board=True)),
        (board.BuildingNotYetKnown, replace(GROUND, missing=frozenset({BUILDING}))),
        (board.NotInTheRegisterThen, replace(GROUND, unit=None)),
        (board.AlreadyHasBoard, replace(GROUND, has_board=True)),
    ],
)
def test_a_board_is_not_formed_twice_nor_for_a_building_that_is_not(refusal: type[Refused], ground: Ground) -> None:
    with pytest.raises(refusal):
        board.form(ground, ASKED)


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (board.NoBuilding, {"building_ids": ()}),
        (board.NoBuilding, {"building_ids": (BUILDING, BUILDING)}),
        (board.TooFewMembers, {"members": members(2)}),
        (board.NeedsOneHead, {"members": members(3)[1:] + members(4)[3:]}),
        (board.NeedsOneHead, {"members": (*members(3), Member(person=made("second"), role=Role.HEAD))}),
        (board.SitsTwice, {"members": (*members(3), Member(person=made("person 0"), role=Role.DEPUTY))}),
        (board.ElectedAfterRecognition, {"elected_on": AFTER}),
    ],
)
def test_a_board_is_not_formed_against_the_law(refusal: type[Refused], changed: dict[str, object]) -> None:
    with pytest.raises(refusal):
        board.form(GROUND, ASKED.model_copy(update=changed))


@pytest.mark.parametrize(
    ("blocks", "buildings", "least"),
    [(1, 1, 3), (3, 1, 3), (4, 1, 4), (7, 1, 7), (2, 2, 6), (9, 2, 6)],
)
def test_a_board_has_three_members_or_one_for_each_block_or_six_for_a_cluster(
    blocks: int, buildings: int, least: int
) -> None:
    ground = replace(GROUND, blocks=blocks)
    ids = (BUILDING, OTHER_BUILDING)[:buildings]

    enough = ASKED.model_copy(update={"building_ids": ids, "members": members(least)})
    assert board.form(ground, enough).members == members(least)
    with pytest.raises(board.TooFewMembers) as refused:
        board.form(ground, ASKED.model_copy(update={"building_ids": ids, "members": members(least - 1)}))

    assert refused.value.facts == {"needed": least, "given": least - 1}


def test_before_the_law_there_is_no_number_to_judge_by() -> None:
    early = DECISION.model_copy(update={"date": date(2016, 4, 1)})

    with pytest.raises(NotInForce):
        board.form(GROUND, ASKED.model_copy(update={"decision": early, "elected_on": None}))


def test_the_decision_is_the_paper_behind_a_board_unless_another_is_named() -> None:
    other = Document(symbol="minh-hoa-02/BB", date=DAY, issuer="UBND quận minh họa")

    assert ASKED.on_its_paper() == Asked(document=DECISION)
    assert ASKED.model_copy(update={"document": other, "takeover": BATCH}).on_its_paper() == Asked(
        document=other, takeover=BATCH
    )


A_BOARD = Board(
    id=BOARD,
    unit=WARD,
    formed=BEFORE,
    closed=None,
    blocks=1,
    buildings=1,
    term_from=BEFORE,
    term_to=date(2029, 3, 1),
    members=frozenset(one.person for one in MEMBERS),
    consolidated=None,
    left=None,
    reviewed=frozenset(),
)
CLOSE = CloseBoard(on=DAY, reason=Closure.MERGED)


def test_a_board_is_closed_for_a_reason() -> None:
    assert board.close(A_BOARD, CLOSE) == BoardClosed(subject=str(BOARD), unit=WARD, on=DAY, reason=Closure.MERGED)


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (board.AlreadyClosed, replace(A_BOARD, closed=AFTER)),
        (board.BeforeItWasFormed, replace(A_BOARD, formed=DAY)),
        (board.ChangedSince, replace(A_BOARD, consolidated=DAY)),
        (board.ChangedSince, replace(A_BOARD, left=AFTER)),
        (board.ChangedSince, replace(A_BOARD, reviewed=frozenset({DAY}))),
    ],
)
def test_a_board_is_not_closed_twice_nor_on_its_first_day_nor_before_what_was_recorded(
    refusal: type[Refused], known: Board | None
) -> None:
    with pytest.raises(refusal):
        board.close(known, CLOSE)


def test_a_board_may_end_on_the_day_a_member_left() -> None:
    assert board.close(replace(A_BOARD, left=DAY), CLOSE).on == DAY


# Petitions.

FILED = FilePetition(
    petition_id=PETITION,
    on=DAY,
    kind=PetitionKind.COMPLAINT,
    topic=Topic.FIRE_SAFETY,
    channel=Channel.POST,
    building=BUILDING,
)


def test_a_petition_is_filed_where_its_building_lies() -> None:
    assert petition.file(exists=False, unit=WARD, asked=FILED) == petition_filed()


def test_a_petition_may_be_about_no_building() -> None:
    asked = FILED.model_copy(update={"building": None, "unit": WARD_ID})

    assert petition.file(exists=False, unit=WARD, asked=asked) == PetitionFiled(
        subject=str(PETITION),
        unit=WARD,
        on=DAY,
        kind=PetitionKind.COMPLAINT,
        topic=Topic.FIRE_SAFETY,
        channel=Channel.POST,
        building=None,
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "unit", "changed"),
    [
        (petition.PetitionAlreadyFiled, True, WARD, {}),
        (petition.NeedsAPlace, False, WARD, {"building": None}),
        (petition.NeedsAPlace, False, WARD, {"unit": WARD_ID}),
        (petition.PlaceNotYetKnown, False, None, {}),
    ],
)
def test_a_petition_is_not_filed_twice_nor_without_a_place(
    refusal: type[Refused], unit: str | None, changed: dict[str, object], *, exists: bool
) -> None:
    with pytest.raises(refusal):
        petition.file(exists=exists, unit=unit, asked=FILED.model_copy(update=changed))


@pytest.mark.parametrize("exists", [True, False])
def test_a_denunciation_is_refused_before_anything_else_is_said(*, exists: bool) -> None:
    asked = FilePetition.model_validate({**FILED.model_dump(), "kind": "DENUNCIATION", "building": None})

    with pytest.raises(petition.DenunciationNotTakenHere) as refused:
        petition.file(exists=exists, unit=None, asked=asked)

    assert refused.value.facts == {}


def test_a_petition_has_no_room_for_a_story() -> None:
    with pytest.raises(ValidationError):
        FilePetition.model_validate({**FILED.model_dump(), "story": "…"})


RECEIVED = Petition(PETITION, WARD, DAY, None, None)


def test_a_petition_is_flagged_on_the_day_it_came_and_after_it_was_answered() -> None:
    asked = FlagComplex(on=DAY, reason=Complexity.LONG_RUNNING)
    expected = PetitionFlaggedComplex(subject=str(PETITION), unit=WARD, on=DAY, reason=Complexity.LONG_RUNNING)

    assert petition.flag_complex(RECEIVED, asked) == expected
    assert petition.flag_complex(replace(RECEIVED, resolved=DAY), asked) == expected


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (petition.AlreadyFlagged, replace(RECEIVED, flagged=DAY)),
        (petition.BeforeItWasReceived, replace(RECEIVED, received=AFTER)),
    ],
)
def test_a_petition_is_not_flagged_twice_nor_before_it_came(refusal: type[Refused], known: Petition | None) -> None:
    with pytest.raises(refusal):
        petition.flag_complex(known, FlagComplex(on=DAY, reason=Complexity.LONG_RUNNING))


def test_a_petition_is_answered() -> None:
    asked = ResolvePetition(on=AFTER, outcome=Outcome.GUIDED)

    assert petition.resolve(RECEIVED, asked) == PetitionResolved(
        subject=str(PETITION), unit=WARD, on=AFTER, outcome=Outcome.GUIDED
    )


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (petition.AlreadyResolved, replace(RECEIVED, resolved=DAY)),
        (petition.BeforeItWasReceived, replace(RECEIVED, received=AFTER)),
    ],
)
def test_a_petition_is_not_answered_twice_nor_before_it_came(refusal: type[Refused], known: Petition | None) -> None:
    with pytest.raises(refusal):
        petition.resolve(known, ResolvePetition(on=DAY, outcome=Outcome.UPHELD))
