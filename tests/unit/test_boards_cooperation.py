"""Decisions about boards over time, and about groups and boards beside each other: each does, refuses, stays quiet."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.boards.domain import body, cell, conflict, consolidation, group, overlap, regulation, supervision
from services.boards.domain.board import (
    AlreadyClosed,
    BeforeItWasFormed,
    Board,
    BoardNotInForce,
    BoardNotThere,
    ChangedSince,
    NeedsOneHead,
    NoSuchBoard,
    SitsTwice,
    Standing,
    TooFewMembers,
)
from services.boards.domain.consolidation import ConsolidateBoard, EndMembership
from services.boards.domain.group import Group
from services.boards.domain.petition import PlaceNotYetKnown
from shared.caller import Asked, AskedOn
from shared.errors import NotFound, Refused
from shared.events import (
    BoardConsolidated,
    BoardMemberEnded,
    BoardReviewed,
    ConflictRecorded,
    ConflictSettled,
    CoordinationRegulationEvaluated,
    CoordinationRegulationIssued,
    CoordinationRegulationLapsed,
    GroupBodyEnded,
    GroupBodyEstablished,
    OverlapIssueRaised,
    OverlapIssueResolved,
    PartyCellLinked,
    PartyCellUnlinked,
    SupervisionAssigned,
    SupervisionEnded,
)
from shared.events.boards import (
    ConflictTopic,
    Departure,
    Finding,
    GroupBody,
    Member,
    OverlapTopic,
    Pair,
    Parties,
    Role,
    SettledBy,
)
from tests.examples import (
    BOARD,
    BUILDING,
    DAY,
    DECISION,
    GROUP,
    HEAD,
    MEMBER,
    MEMBERS,
    OTHER_GROUP,
    OTHER_WARD,
    WARD,
    WARD_ID,
    made,
)

BEFORE, AFTER, LATER = DAY - timedelta(days=1), DAY + timedelta(days=1), DAY + timedelta(days=2)
TODAY = AskedOn(on=DAY)


def about(name: str, on: date = DAY) -> dict[str, Any]:
    """Return the subject, the ward and the day of a fact about a thing of this name."""
    return {"subject": str(made(name)), "unit": WARD, "on": on}


# Boards in order.

KNOWN = Board(
    id=BOARD,
    unit=WARD,
    formed=date(2024, 3, 1),
    closed=None,
    blocks=1,
    buildings=1,
    term_from=date(2024, 3, 1),
    term_to=date(2027, 3, 1),
    members=frozenset(one.person for one in MEMBERS),
    consolidated=None,
    left=None,
    reviewed=frozenset(),
)
CONSOLIDATE = ConsolidateBoard(decision=DECISION, members=MEMBERS)
END = EndMembership(on=DAY, person=MEMBER, reason=Departure.MOVED)


def test_a_board_is_reviewed_and_left_as_it_was() -> None:
    assert consolidation.review(KNOWN, TODAY) == BoardReviewed(**about("board"))


def test_a_review_may_be_recorded_after_what_came_later() -> None:
    since = replace(KNOWN, consolidated=AFTER, reviewed=frozenset({BEFORE, AFTER}), term_to=BEFORE, closed=LATER)

    assert consolidation.review(since, TODAY).on == DAY


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (BeforeItWasFormed, replace(KNOWN, formed=DAY)),
        (AlreadyClosed, replace(KNOWN, closed=DAY)),
    ],
)
def test_nothing_is_done_to_a_board_outside_its_days(refusal: type[Refused], known: Board | None) -> None:
    for decide in (
        lambda: consolidation.review(known, TODAY),
        lambda: consolidation.consolidate(known, CONSOLIDATE),
        lambda: consolidation.end_membership(known, END),
    ):
        with pytest.raises(refusal):
            decide()


def test_a_board_is_not_reviewed_twice_on_one_day() -> None:
    with pytest.raises(consolidation.ReviewedThatDay):
        consolidation.review(replace(KNOWN, reviewed=frozenset({DAY})), TODAY)


def test_a_board_put_in_order_keeps_its_term() -> None:
    assert consolidation.consolidate(KNOWN, CONSOLIDATE) == BoardConsolidated(
        **about("board"),
        decision=DECISION,
        term_from=date(2024, 3, 1),
        term_to=date(2027, 3, 1),
        members=MEMBERS,
    )


def test_a_new_term_begins_with_its_decision_also_before_the_old_one_has_ended() -> None:
    for known in (KNOWN, replace(KNOWN, term_to=BEFORE)):
        told = consolidation.consolidate(known, CONSOLIDATE.model_copy(update={"new_term": True}))
        assert (told.on, told.term_from, told.term_to) == (DAY, DAY, date(2029, 3, 2))


def test_a_board_whose_term_has_ended_is_put_in_order_for_a_new_term_only() -> None:
    assert consolidation.consolidate(replace(KNOWN, term_to=DAY), CONSOLIDATE).term_to == DAY
    with pytest.raises(consolidation.TermEnded) as refused:
        consolidation.consolidate(replace(KNOWN, term_to=BEFORE), CONSOLIDATE)

    assert (refused.value.pointer, refused.value.facts) == ("/new_term", {"term_to": BEFORE.isoformat()})


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (TooFewMembers, {"members": MEMBERS[:2]}),
        (NeedsOneHead, {"members": (*MEMBERS[1:], Member(person=made("new"), role=Role.MEMBER))}),
        (SitsTwice, {"members": (*MEMBERS, Member(person=HEAD, role=Role.MEMBER))}),
    ],
)
def test_a_board_is_not_put_in_order_against_the_law(refusal: type[Refused], changed: dict[str, Any]) -> None:
    with pytest.raises(refusal):
        consolidation.consolidate(KNOWN, CONSOLIDATE.model_copy(update=changed))


@pytest.mark.parametrize(("blocks", "buildings", "least"), [(1, 1, 3), (4, 1, 4), (2, 2, 6)])
def test_a_board_put_in_order_is_as_large_as_a_new_one(blocks: int, buildings: int, least: int) -> None:
    known = replace(KNOWN, blocks=blocks, buildings=buildings)
    more = tuple(Member(person=made(f"person {nth}"), role=Role.MEMBER) for nth in range(least - 1))
    members = (Member(person=HEAD, role=Role.HEAD), *more)

    assert consolidation.consolidate(known, CONSOLIDATE.model_copy(update={"members": members})).members == members
    with pytest.raises(TooFewMembers) as refused:
        consolidation.consolidate(known, CONSOLIDATE.model_copy(update={"members": members[:-1]}))

    assert refused.value.facts == {"needed": least, "given": least - 1}


@pytest.mark.parametrize(
    "changed",
    [{"consolidated": DAY}, {"consolidated": AFTER}, {"left": AFTER}],
    ids=["same day", "later", "left later"],
)
def test_a_consolidation_does_not_contradict_what_was_recorded_of_later_days(changed: dict[str, Any]) -> None:
    with pytest.raises(ChangedSince) as refused:
        consolidation.consolidate(replace(KNOWN, **changed), CONSOLIDATE)

    assert refused.value.pointer == "/decision/date"


def test_a_member_may_be_replaced_on_the_day_of_leaving() -> None:
    assert consolidation.consolidate(replace(KNOWN, left=DAY, consolidated=BEFORE), CONSOLIDATE).on == DAY


def test_the_decision_is_the_paper_behind_a_consolidation() -> None:
    assert CONSOLIDATE.on_its_paper() == Asked(document=DECISION)


def test_a_member_leaves_and_so_may_the_head_of_a_board_of_three() -> None:
    assert consolidation.end_membership(KNOWN, END) == BoardMemberEnded(
        **about("board"), person=MEMBER, reason=Departure.MOVED
    )
    assert consolidation.end_membership(KNOWN, END.model_copy(update={"person": HEAD})).person == HEAD


def test_members_may_leave_in_any_order_of_recording() -> None:
    assert consolidation.end_membership(replace(KNOWN, left=AFTER), END).on == DAY


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (consolidation.NotAMember, replace(KNOWN, members=frozenset({HEAD}))),
        (ChangedSince, replace(KNOWN, consolidated=DAY)),
        (ChangedSince, replace(KNOWN, consolidated=AFTER)),
    ],
)
def test_nobody_leaves_who_is_not_there_nor_before_the_list_was_made(refusal: type[Refused], known: Board) -> None:
    with pytest.raises(refusal):
        consolidation.end_membership(known, END)


# Residential groups.

A_GROUP = Group(GROUP, WARD, BEFORE, None)
GROUPS = {GROUP: A_GROUP, OTHER_GROUP: Group(OTHER_GROUP, OTHER_WARD, BEFORE, None)}


def test_groups_are_found_in_the_order_asked_for() -> None:
    assert group.active(GROUPS, [OTHER_GROUP, GROUP], DAY, "/pairs") == [GROUPS[OTHER_GROUP], A_GROUP]
    assert group.active({GROUP: replace(A_GROUP, formed=DAY, dissolved=AFTER)}, [GROUP], DAY, "/group")


def test_a_group_not_heard_of_is_worth_asking_again() -> None:
    with pytest.raises(group.GroupNotYetKnown) as refused:
        group.active({}, [GROUP, GROUP], DAY, "/group")

    assert (refused.value.pointer, refused.value.facts) == ("/group", {"missing": [str(GROUP)]})
    assert refused.value.retry_after == 1


@pytest.mark.parametrize("days", [{"formed": AFTER}, {"dissolved": DAY}])
def test_a_group_is_there_on_its_days_only(days: dict[str, Any]) -> None:
    with pytest.raises(group.GroupNotActive):
        group.active({GROUP: replace(A_GROUP, **days)}, [GROUP], DAY, "/group")


# Party cells.

A_CELL = cell.Cell(made("cell"), None, frozenset())
LINK = cell.LinkCell(on=DAY, group=GROUP)


@pytest.mark.parametrize(
    "known",
    [
        A_CELL,
        replace(A_CELL, wards=frozenset({WARD})),
        replace(A_CELL, linked=cell.Link(date(2020, 1, 1), DAY)),
    ],
    ids=["first", "one of several", "again"],
)
def test_a_cell_answers_for_groups_of_a_ward(known: cell.Cell) -> None:
    assert cell.link(known, GROUPS, LINK) == PartyCellLinked(**about("cell"), group=GROUP)


@pytest.mark.parametrize(
    ("refusal", "known", "groups"),
    [
        (group.GroupNotYetKnown, A_CELL, {}),
        (group.GroupNotActive, A_CELL, {GROUP: replace(A_GROUP, dissolved=DAY)}),
        (cell.CellAlreadyLinked, replace(A_CELL, linked=cell.Link(BEFORE, None)), GROUPS),
        (cell.CellAlreadyLinked, replace(A_CELL, linked=cell.Link(BEFORE, AFTER)), GROUPS),
        (cell.CellOfAnotherWard, replace(A_CELL, wards=frozenset({OTHER_WARD})), GROUPS),
    ],
)
def test_a_cell_answers_not_twice_nor_elsewhere(
    refusal: type[Refused], known: cell.Cell, groups: dict[UUID, Group]
) -> None:
    with pytest.raises(refusal):
        cell.link(known, groups, LINK)


def test_a_cell_no_longer_answers_also_for_a_group_that_is_gone() -> None:
    known = replace(A_CELL, linked=cell.Link(BEFORE, None))

    assert cell.unlink(known, {GROUP: replace(A_GROUP, dissolved=DAY)}, LINK) == PartyCellUnlinked(
        **about("cell"), group=GROUP
    )


@pytest.mark.parametrize("linked", [None, cell.Link(DAY, None), cell.Link(BEFORE, AFTER)])
def test_a_cell_that_does_not_answer_cannot_cease_to(linked: cell.Link | None) -> None:
    with pytest.raises(cell.CellNotLinked):
        cell.unlink(replace(A_CELL, linked=linked), GROUPS, LINK)


# Bodies of groups.

ESTABLISH = body.EstablishBody(on=DAY, body_id=made("body"), group=GROUP, body=GroupBody.WOMEN)
FREE = body.Ground(exists=False, taken=False, groups=GROUPS)
A_BODY = body.Body(made("body"), WARD, BEFORE, None)


def test_a_group_has_a_body() -> None:
    assert body.establish(FREE, ESTABLISH) == GroupBodyEstablished(**about("body"), group=GROUP, body=GroupBody.WOMEN)


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (body.BodyAlreadyEstablished, {"exists": True}),
        (body.GroupHasOne, {"taken": True}),
        (group.GroupNotYetKnown, {"groups": {}}),
        (group.GroupNotActive, {"groups": {GROUP: replace(A_GROUP, dissolved=DAY)}}),
    ],
)
def test_a_group_has_one_body_of_a_kind(refusal: type[Refused], changed: dict[str, Any]) -> None:
    with pytest.raises(refusal):
        body.establish(replace(FREE, **changed), ESTABLISH)


def test_a_body_ends() -> None:
    assert body.end(A_BODY, TODAY) == GroupBodyEnded(**about("body"))


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (body.BodyAlreadyEnded, replace(A_BODY, ended=DAY)),
        (body.BeforeItWasEstablished, replace(A_BODY, established=DAY)),
    ],
)
def test_a_body_does_not_end_twice_nor_on_its_first_day(refusal: type[Refused], known: body.Body | None) -> None:
    with pytest.raises(refusal):
        body.end(known, TODAY)


# Supervisions.

ASSIGN = supervision.AssignSupervision(on=DAY, supervision_id=made("supervision"), ward=WARD_ID)
A_SUPERVISION = supervision.Supervision(made("supervision"), WARD, BEFORE, None)


def test_somebody_takes_charge_of_a_ward_and_nobody_says_who() -> None:
    assert supervision.assign(exists=False, unit=WARD, asked=ASSIGN) == SupervisionAssigned(**about("supervision"))
    assert set(supervision.AssignSupervision.model_fields) == {"supervision_id", "ward", "on", "document", "takeover"}


@pytest.mark.parametrize(
    ("refusal", "exists", "unit"),
    [(supervision.SupervisionAlreadyAssigned, True, WARD), (supervision.WardNotYetKnown, False, None)],
)
def test_nobody_takes_charge_twice_nor_of_a_ward_that_is_not(
    refusal: type[Refused], unit: str | None, *, exists: bool
) -> None:
    with pytest.raises(refusal):
        supervision.assign(exists=exists, unit=unit, asked=ASSIGN)


def test_a_supervision_ends() -> None:
    assert supervision.end(A_SUPERVISION, TODAY) == SupervisionEnded(**about("supervision"))


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (supervision.SupervisionAlreadyEnded, replace(A_SUPERVISION, ended=DAY)),
        (supervision.BeforeItWasAssigned, replace(A_SUPERVISION, assigned=DAY)),
    ],
)
def test_a_supervision_does_not_end_twice_nor_on_its_first_day(
    refusal: type[Refused], known: supervision.Supervision | None
) -> None:
    with pytest.raises(refusal):
        supervision.end(known, TODAY)


# Coordination regulations.

PAIRS = (Pair(group=GROUP, board=BOARD), Pair(group=OTHER_GROUP, board=BOARD))
ISSUE = regulation.IssueRegulation(on=DAY, regulation_id=made("regulation"), pairs=PAIRS)
TO_ISSUE = regulation.Ground(exists=False, groups=GROUPS, boards={BOARD: Standing(BOARD, stands=True, in_force=True)})
A_REGULATION = regulation.Regulation(made("regulation"), WARD, BEFORE, None, frozenset())
EVALUATE = regulation.EvaluateRegulation(on=DAY, finding=Finding.TO_BE_AMENDED)


def test_a_regulation_belongs_to_the_ward_of_its_first_group() -> None:
    assert regulation.issue(TO_ISSUE, ISSUE) == CoordinationRegulationIssued(**about("regulation"), pairs=PAIRS)
    turned = regulation.issue(TO_ISSUE, ISSUE.model_copy(update={"pairs": PAIRS[::-1]}))
    assert turned.unit == OTHER_WARD


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (regulation.RegulationAlreadyIssued, {"exists": True}),
        (group.GroupNotYetKnown, {"groups": {GROUP: A_GROUP}}),
        (group.GroupNotActive, {"groups": {**GROUPS, GROUP: replace(A_GROUP, formed=AFTER)}}),
        (NoSuchBoard, {"boards": {}}),
        (BoardNotInForce, {"boards": {BOARD: Standing(BOARD, stands=True, in_force=False)}}),
    ],
)
def test_a_regulation_binds_only_who_is_there(refusal: type[Refused], changed: dict[str, Any]) -> None:
    with pytest.raises(refusal):
        regulation.issue(replace(TO_ISSUE, **changed), ISSUE)


@pytest.mark.parametrize("pairs", [(), (PAIRS[0], PAIRS[0])])
def test_a_regulation_names_its_pairs_each_once(pairs: tuple[Pair, ...]) -> None:
    with pytest.raises(regulation.NoPair):
        regulation.issue(TO_ISSUE, ISSUE.model_copy(update={"pairs": pairs}))


@pytest.mark.parametrize("changed", [{}, {"evaluated": frozenset({BEFORE, AFTER})}, {"lapsed": AFTER}])
def test_a_regulation_that_holds_is_evaluated(changed: dict[str, Any]) -> None:
    assert regulation.evaluate(replace(A_REGULATION, **changed), EVALUATE) == CoordinationRegulationEvaluated(
        **about("regulation"), finding=Finding.TO_BE_AMENDED
    )


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (regulation.BeforeItHeld, replace(A_REGULATION, issued=DAY)),
        (regulation.AlreadyLapsed, replace(A_REGULATION, lapsed=DAY)),
        (regulation.EvaluatedThatDay, replace(A_REGULATION, evaluated=frozenset({DAY}))),
    ],
)
def test_a_regulation_is_evaluated_while_it_holds_and_once_a_day(
    refusal: type[Refused], known: regulation.Regulation | None
) -> None:
    with pytest.raises(refusal):
        regulation.evaluate(known, EVALUATE)


def test_a_regulation_lapses() -> None:
    evaluated = replace(A_REGULATION, evaluated=frozenset({BEFORE}))

    assert regulation.lapse(evaluated, TODAY) == CoordinationRegulationLapsed(**about("regulation"))


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (regulation.BeforeItHeld, replace(A_REGULATION, issued=DAY)),
        (regulation.AlreadyLapsed, replace(A_REGULATION, lapsed=AFTER)),
        (regulation.EvaluatedSince, replace(A_REGULATION, evaluated=frozenset({DAY}))),
    ],
)
def test_a_regulation_does_not_lapse_twice_nor_before_it_was_evaluated(
    refusal: type[Refused], known: regulation.Regulation | None
) -> None:
    with pytest.raises(refusal):
        regulation.lapse(known, TODAY)


# Overlaps.

RAISE = overlap.RaiseOverlap(on=DAY, overlap_id=made("overlap"), group=GROUP, board=BOARD, topic=OverlapTopic.SECURITY)
TO_RAISE = overlap.Ground(exists=False, groups=GROUPS, board=Standing(BOARD, stands=True, in_force=False))
AN_OVERLAP = overlap.Overlap(made("overlap"), WARD, DAY, None)


def test_an_overlap_is_raised_also_with_a_board_whose_term_has_ended() -> None:
    assert overlap.raise_issue(TO_RAISE, RAISE) == OverlapIssueRaised(
        **about("overlap"), group=GROUP, board=BOARD, topic=OverlapTopic.SECURITY
    )


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (overlap.OverlapAlreadyRaised, {"exists": True}),
        (group.GroupNotYetKnown, {"groups": {}}),
        (group.GroupNotActive, {"groups": {GROUP: replace(A_GROUP, dissolved=DAY)}}),
        (NoSuchBoard, {"board": None}),
        (BoardNotThere, {"board": Standing(BOARD, stands=False, in_force=False)}),
    ],
)
def test_an_overlap_is_between_two_that_are_there(refusal: type[Refused], changed: dict[str, Any]) -> None:
    with pytest.raises(refusal):
        overlap.raise_issue(replace(TO_RAISE, **changed), RAISE)


def test_an_overlap_may_be_resolved_on_the_day_it_was_raised() -> None:
    assert overlap.resolve(AN_OVERLAP, TODAY) == OverlapIssueResolved(**about("overlap"))


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (overlap.OverlapAlreadyResolved, replace(AN_OVERLAP, resolved=DAY)),
        (overlap.BeforeItWasRaised, replace(AN_OVERLAP, raised=AFTER)),
    ],
)
def test_an_overlap_is_not_resolved_twice_nor_before_it_was_raised(
    refusal: type[Refused], known: overlap.Overlap | None
) -> None:
    with pytest.raises(refusal):
        overlap.resolve(known, TODAY)


# Conflicts.

RECORD = conflict.RecordConflict(
    on=DAY,
    conflict_id=made("conflict"),
    building=BUILDING,
    topic=ConflictTopic.FEES,
    parties=Parties.RESIDENTS_AND_BOARD,
)
SETTLE = conflict.SettleConflict(on=DAY, settled_by=SettledBy.MEDIATION)
A_CONFLICT = conflict.Conflict(made("conflict"), WARD, DAY, None)


@pytest.mark.parametrize(
    ("place", "building"), [({}, BUILDING), ({"building": None, "unit": WARD_ID}, None)], ids=["building", "ward"]
)
def test_a_conflict_comes_up_in_a_building_or_in_a_ward(place: dict[str, Any], building: object) -> None:
    asked = RECORD.model_copy(update=place)

    assert conflict.record(exists=False, unit=WARD, asked=asked) == ConflictRecorded(
        **about("conflict"), building=building, topic=ConflictTopic.FEES, parties=Parties.RESIDENTS_AND_BOARD
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "unit", "changed"),
    [
        (conflict.ConflictAlreadyRecorded, True, WARD, {}),
        (conflict.ConflictNeedsAPlace, False, WARD, {"building": None}),
        (conflict.ConflictNeedsAPlace, False, WARD, {"unit": WARD_ID}),
        (PlaceNotYetKnown, False, None, {}),
    ],
)
def test_a_conflict_is_not_recorded_twice_nor_without_a_place(
    refusal: type[Refused], unit: str | None, changed: dict[str, Any], *, exists: bool
) -> None:
    with pytest.raises(refusal):
        conflict.record(exists=exists, unit=unit, asked=RECORD.model_copy(update=changed))


def test_a_conflict_is_settled_by_somebody() -> None:
    assert conflict.settle(A_CONFLICT, SETTLE) == ConflictSettled(**about("conflict"), settled_by=SettledBy.MEDIATION)


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (conflict.ConflictAlreadySettled, replace(A_CONFLICT, settled=DAY)),
        (conflict.BeforeItCameUp, replace(A_CONFLICT, recorded=AFTER)),
    ],
)
def test_a_conflict_is_not_settled_twice_nor_before_it_came_up(
    refusal: type[Refused], known: conflict.Conflict | None
) -> None:
    with pytest.raises(refusal):
        conflict.settle(known, SETTLE)
