"""Decisions about how the programme is led: each does it, refuses, stays quiet."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from services.boards.domain import commendation, conference, directive, training
from services.boards.domain.commendation import RecordCommendation
from services.boards.domain.conference import Conference, RecordConference, RecordSpeech
from services.boards.domain.directive import Directive, IssueDirective, RecordProgress, Step
from services.boards.domain.training import AnnounceTraining, HoldTraining, Training
from shared.caller import Asked
from shared.errors import NotFound, Refused
from shared.events import (
    CommendationDecided,
    ConferenceHeld,
    DirectiveIssued,
    DirectiveProgressed,
    Document,
    SpeechRecorded,
    TrainingAnnounced,
    TrainingHeld,
)
from shared.events.boards import (
    Assignee,
    AssigneeBody,
    Bloc,
    ConferenceKind,
    Delegation,
    Invitation,
    Progress,
    Recipient,
    SpeechTopic,
    TrainingTopic,
)
from shared.registers.domain import UnitNotYetKnown
from tests.examples import BATCH, DAY, DECISION, DEPUTY, DISTRICT, HEAD, WARD_ID, made, of

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
NONE: frozenset[str] = frozenset()


# Conferences.

LEADERS = Invitation(delegation=Delegation.WARD_LEADERS, unit_invited=WARD_ID, invited=2, attended=2)
HEADS = Invitation(delegation=Delegation.BOARD_HEADS, unit_invited=WARD_ID, invited=3, attended=1)
INVITED = RecordConference(
    conference_id=made("conference"),
    on=DAY,
    unit="Q004",
    kind=ConferenceKind.REVIEW,
    reviewed=DECISION,
    invitations=(LEADERS, HEADS),
)
HALL = conference.Ground(exists=False, unit=DISTRICT, unknown=NONE)
CONFERENCE = Conference(made("conference"), DISTRICT, DAY)


def test_a_conference_is_held_and_says_what_it_reviewed_and_how_many_came() -> None:
    assert conference.hold(HALL, INVITED) == ConferenceHeld(
        **of("conference", DISTRICT), kind=ConferenceKind.REVIEW, reviewed=DECISION, invitations=(LEADERS, HEADS)
    )


def test_a_briefing_reviews_nothing_and_may_have_no_list_of_whom_it_invited() -> None:
    asked = RecordConference(conference_id=made("conference"), on=DAY, unit="Q004", kind=ConferenceKind.BRIEFING)

    assert conference.hold(HALL, asked) == ConferenceHeld(
        **of("conference", DISTRICT), kind=ConferenceKind.BRIEFING, reviewed=None, invitations=()
    )


@pytest.mark.parametrize(
    ("refusal", "ground"),
    [
        (conference.ConferenceAlreadyRecorded, replace(HALL, exists=True, unit=None)),
        (UnitNotYetKnown, replace(HALL, unit=None)),
        (UnitNotYetKnown, replace(HALL, unknown=frozenset({WARD_ID}))),
    ],
)
def test_a_conference_is_not_held_twice_nor_with_units_that_are_not(
    refusal: type[Refused], ground: conference.Ground
) -> None:
    with pytest.raises(refusal):
        conference.hold(ground, INVITED)


def test_which_units_are_not_known_is_said() -> None:
    with pytest.raises(UnitNotYetKnown) as refused:
        conference.hold(replace(HALL, unknown=frozenset({"Q009", WARD_ID})), INVITED)

    assert (refused.value.pointer, refused.value.facts) == ("/invitations", {"unknown": [WARD_ID, "Q009"]})


def test_each_role_from_a_unit_is_invited_once() -> None:
    with pytest.raises(conference.InvitedTwice):
        conference.hold(HALL, INVITED.model_copy(update={"invitations": (LEADERS, HEADS, LEADERS)}))


def test_no_more_come_than_were_invited() -> None:
    crowd = HEADS.model_copy(update={"attended": 4})

    with pytest.raises(conference.MoreCameThanWereInvited) as refused:
        conference.hold(HALL, INVITED.model_copy(update={"invitations": (LEADERS, crowd)}))

    assert (refused.value.pointer, refused.value.facts) == ("/invitations/1/attended", {"invited": 3})


@pytest.mark.parametrize("wrong", [{"invited": 0}, {"attended": -1}, {"invited": conference.MOST_INVITED + 1}])
def test_nobody_asks_for_fewer_than_one_or_more_than_a_hall_can_hold(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        RecordConference.model_validate({**INVITED.model_dump(), "invitations": [{**HEADS.model_dump(), **wrong}]})


SPEECH = RecordSpeech(on=DAY, bloc=Bloc.BOARD, topic=SpeechTopic.TRAINING)


def test_a_speech_is_held_at_a_conference() -> None:
    assert conference.speak(CONFERENCE, SPEECH) == SpeechRecorded(
        **of("conference", DISTRICT), bloc=Bloc.BOARD, topic=SpeechTopic.TRAINING
    )


@pytest.mark.parametrize(
    ("refusal", "known"),
    [(NotFound, None), (conference.BeforeTheConference, replace(CONFERENCE, held=AFTER))],
)
def test_a_speech_is_not_held_without_a_conference_nor_before_it(
    refusal: type[Refused], known: Conference | None
) -> None:
    with pytest.raises(refusal):
        conference.speak(known, SPEECH)


# Directives.

ASSIGNEE = Assignee(body=AssigneeBody.PEOPLES_COMMITTEE, unit_assigned=WARD_ID)
DIRECTED = IssueDirective(
    directive_id=made("directive"),
    on=DAY,
    unit="Q004",
    conference=made("conference"),
    number=1,
    title="Tập huấn cho trưởng ban quản trị (minh họa)",
    assignees=(ASSIGNEE,),
    due=AFTER,
)
GROUND = directive.Ground(exists=False, unit=DISTRICT, unknown=NONE, conference_held=DAY, number_taken=False)


def test_a_directive_is_issued_with_its_assignees_and_deadline() -> None:
    assert directive.issue(GROUND, DIRECTED) == DirectiveIssued(
        **of("directive", DISTRICT),
        conference=made("conference"),
        number=1,
        title="Tập huấn cho trưởng ban quản trị (minh họa)",
        assignees=(ASSIGNEE,),
        due=AFTER,
    )


def test_a_directive_may_come_from_no_conference_name_nobody_and_set_no_deadline() -> None:
    asked = IssueDirective(directive_id=made("directive"), on=DAY, unit="Q004", number=5, title="Đánh giá quy chế")

    issued = directive.issue(replace(GROUND, conference_held=None), asked)

    assert (issued.conference, issued.assignees, issued.due) == (None, (), None)


@pytest.mark.parametrize(
    ("refusal", "ground"),
    [
        (directive.DirectiveAlreadyIssued, replace(GROUND, exists=True, number_taken=True)),
        (UnitNotYetKnown, replace(GROUND, unit=None)),
        (UnitNotYetKnown, replace(GROUND, unknown=frozenset({WARD_ID}))),
        (directive.ConferenceNotYetKnown, replace(GROUND, conference_held=None)),
        (directive.BeforeItsConference, replace(GROUND, conference_held=AFTER)),
        (directive.DirectiveNumberTaken, replace(GROUND, number_taken=True)),
    ],
)
def test_a_directive_is_not_issued_twice_nor_by_what_is_not(refusal: type[Refused], ground: directive.Ground) -> None:
    with pytest.raises(refusal):
        directive.issue(ground, DIRECTED)


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (directive.AssignedTwice, {"assignees": (ASSIGNEE, ASSIGNEE)}),
        (directive.DueBeforeItWasIssued, {"due": BEFORE}),
    ],
)
def test_a_directive_assigns_each_body_once_and_is_due_later(
    refusal: type[Refused], changed: dict[str, object]
) -> None:
    with pytest.raises(refusal):
        directive.issue(GROUND, DIRECTED.model_copy(update=changed))


ASSIGNED = Directive(made("directive"), DISTRICT, DAY, assigned=True, last=None)


def come_to(progress: Progress | None, *, since: date = DAY) -> Directive:
    return replace(ASSIGNED, last=Step(progress, since) if progress else None)


def reported(progress: Progress) -> RecordProgress:
    return RecordProgress(on=DAY, by_unit=WARD_ID, progress=progress)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, Progress.ACKNOWLEDGED),
        (None, Progress.REPORTED_DONE),
        (Progress.ACKNOWLEDGED, Progress.IN_PROGRESS),
        (Progress.ACKNOWLEDGED, Progress.REPORTED_DONE),
        (Progress.IN_PROGRESS, Progress.REPORTED_DONE),
        (Progress.REPORTED_DONE, Progress.VERIFIED),
        (Progress.REPORTED_DONE, Progress.IN_PROGRESS),
    ],
)
def test_a_unit_goes_forward_and_may_be_sent_back_what_it_reported_done(
    before: Progress | None, after: Progress
) -> None:
    assert directive.progress(come_to(before), reported(after)) == DirectiveProgressed(
        **of("directive", DISTRICT), by_unit=WARD_ID, progress=after
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Progress.ACKNOWLEDGED, Progress.ACKNOWLEDGED),
        (Progress.IN_PROGRESS, Progress.ACKNOWLEDGED),
        (Progress.REPORTED_DONE, Progress.REPORTED_DONE),
        (Progress.REPORTED_DONE, Progress.ACKNOWLEDGED),
        (Progress.VERIFIED, Progress.IN_PROGRESS),
        (Progress.VERIFIED, Progress.VERIFIED),
    ],
)
def test_a_unit_goes_neither_back_nor_nowhere(before: Progress, after: Progress) -> None:
    with pytest.raises(directive.NotForward) as refused:
        directive.progress(come_to(before), reported(after))

    assert refused.value.facts == {"progress": before, "since": DAY.isoformat()}


@pytest.mark.parametrize(
    ("refusal", "known"),
    [
        (NotFound, None),
        (directive.NotAssigned, replace(ASSIGNED, assigned=False)),
        (directive.BeforeTheDirective, replace(ASSIGNED, issued=AFTER)),
        (directive.NotForward, come_to(Progress.ACKNOWLEDGED, since=AFTER)),
    ],
)
def test_progress_is_heard_of_assigned_units_alone_and_day_after_day(
    refusal: type[Refused], known: Directive | None
) -> None:
    with pytest.raises(refusal):
        directive.progress(known, reported(Progress.IN_PROGRESS))


# Classes.

ANNOUNCED = AnnounceTraining(
    training_id=made("training"), on=DAY, unit="Q004", topics=(TrainingTopic.FIRE,), held_on=AFTER
)
HELD = HoldTraining(on=DAY, topics=(TrainingTopic.FIRE, TrainingTopic.RESCUE), attended=(HEAD, DEPUTY))
TRAINING = Training(made("training"), DISTRICT, BEFORE, None)


@pytest.mark.parametrize("day", [DAY, AFTER])
def test_a_class_is_announced_for_the_same_or_a_later_day(day: object) -> None:
    asked = ANNOUNCED.model_copy(update={"held_on": day})

    assert training.announce(exists=False, unit=DISTRICT, asked=asked) == TrainingAnnounced(
        **of("training", DISTRICT), topics=(TrainingTopic.FIRE,), held_on=day
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "unit", "changed"),
    [
        (training.TrainingAlreadyAnnounced, True, None, {}),
        (UnitNotYetKnown, False, None, {}),
        (training.BeforeItWasAnnounced, False, DISTRICT, {"held_on": BEFORE}),
    ],
)
def test_a_class_is_not_announced_twice_nor_after_the_fact(
    refusal: type[Refused], unit: str | None, changed: dict[str, object], *, exists: bool
) -> None:
    with pytest.raises(refusal):
        training.announce(exists=exists, unit=unit, asked=ANNOUNCED.model_copy(update=changed))


def test_a_class_without_a_topic_cannot_be_asked_for() -> None:
    with pytest.raises(ValidationError):
        AnnounceTraining.model_validate({**ANNOUNCED.model_dump(), "topics": []})


def test_a_class_is_held_with_what_it_taught_and_who_came() -> None:
    assert training.hold(TRAINING, HELD) == TrainingHeld(
        **of("training", DISTRICT), topics=(TrainingTopic.FIRE, TrainingTopic.RESCUE), attended=(HEAD, DEPUTY)
    )


def test_a_class_may_be_held_for_nobody() -> None:
    assert training.hold(TRAINING, HELD.model_copy(update={"attended": ()})).attended == ()


@pytest.mark.parametrize(
    ("refusal", "known", "attended"),
    [
        (NotFound, None, (HEAD,)),
        (training.TrainingAlreadyHeld, replace(TRAINING, held=DAY), (HEAD,)),
        (training.BeforeItWasAnnounced, replace(TRAINING, announced=AFTER), (HEAD,)),
        (training.AttendedTwice, TRAINING, (HEAD, HEAD)),
    ],
)
def test_a_class_is_held_once_when_it_was_announced_and_each_person_attends_it_once(
    refusal: type[Refused], known: Training | None, attended: tuple[object, ...]
) -> None:
    with pytest.raises(refusal):
        training.hold(known, HELD.model_copy(update={"attended": attended}))


# Commendations.

COMMENDED = RecordCommendation(
    commendation_id=made("commendation"), unit="Q004", recipient=Recipient.COLLECTIVE, decision=DECISION
)


def test_somebody_is_commended_on_the_day_of_the_decision() -> None:
    assert commendation.decide(exists=False, unit=DISTRICT, asked=COMMENDED) == CommendationDecided(
        **of("commendation", DISTRICT), recipient=Recipient.COLLECTIVE, decision=DECISION
    )


@pytest.mark.parametrize(
    ("refusal", "exists", "unit"),
    [(commendation.CommendationAlreadyRecorded, True, None), (UnitNotYetKnown, False, None)],
)
def test_nobody_is_commended_twice_by_one_record_nor_by_a_unit_that_is_not(
    refusal: type[Refused], unit: str | None, *, exists: bool
) -> None:
    with pytest.raises(refusal):
        commendation.decide(exists=exists, unit=unit, asked=COMMENDED)


def test_a_commendation_has_no_room_for_a_name() -> None:
    with pytest.raises(ValidationError):
        RecordCommendation.model_validate({**COMMENDED.model_dump(), "name": "…"})


def test_the_decision_is_the_paper_behind_it_unless_another_is_named() -> None:
    other = Document(symbol="minh-hoa-02/TTr", date=DAY, issuer="UBND quận minh họa")

    assert COMMENDED.on_its_paper() == Asked(document=DECISION)
    assert COMMENDED.model_copy(update={"document": other, "takeover": BATCH}).on_its_paper() == Asked(
        document=other, takeover=BATCH
    )
