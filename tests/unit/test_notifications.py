"""Who is told of what, in which words, and what follows when telling fails."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from pydantic import ValidationError

from services.notifications import domain
from services.notifications.domain.contact import Ground, KeptElsewhere, RecordContact, UnitNotYetKnown
from services.notifications.domain.delivery import (
    RETRIES,
    WITHDRAWN,
    Letter,
    Permanent,
    Person,
    Sent,
    Temporary,
    Tried,
    Withheld,
)
from services.notifications.domain.notice import Holder, Known, Look, Reason, Status
from services.notifications.gateways import Mail, text
from shared.events import (
    BoardFormed,
    Circumstances,
    ContactRecorded,
    DataQualityIssueRaised,
    DeliveryFailed,
    DirectiveIssued,
    Document,
    PetitionFiled,
    Told,
    TrainingAnnounced,
    tell,
)
from shared.events.base import E
from shared.events.boards import Assignee, AssigneeBody, Member, PetitionKind, Role, Topic, TrainingTopic
from shared.events.boards import Channel as CameBy
from shared.events.notifications import Channel, Language
from shared.events.reporting import Severity
from shared.settings import Settings

SYNTHETIC = UUID("5e0f7a5c-0000-4000-8000-000000000000")
WARD = "HN.Q004.Q004-00121-v1"
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def made(name: str) -> UUID:
    return uuid5(SYNTHETIC, name)


BUILDING, OTHER, PERSON = made("building"), made("other building"), made("person")


def told(event: E, **given: Any) -> Told[E]:
    circumstances = Circumstances(id=made("event"), time=NOW, actor="test", correlation=made("correlation"), version=1)
    return tell(event, replace(circumstances, **given))


def petition(building: UUID | None = BUILDING) -> PetitionFiled:
    return PetitionFiled(
        subject=str(made("petition")),
        unit=WARD,
        on=DAY,
        kind=PetitionKind.COMPLAINT,
        topic=Topic.MAINTENANCE_FUND,
        channel=CameBy.COUNTER,
        building=building,
    )


def board() -> BoardFormed:
    return BoardFormed(
        subject=str(made("board")),
        unit=WARD,
        on=DAY,
        building_ids=(BUILDING, OTHER),
        decision=Document(symbol="minh-hoa-1/QĐ-UBND", date=DAY, issuer="UBND phường minh họa"),
        elected_on=None,
        term_from=DAY,
        term_to=date(2029, 3, 1),
        members=(Member(person=PERSON, role=Role.HEAD),),
    )


def known(**given: Any) -> Known:
    facts = domain.occasion.petition_filed(told(petition())).facts
    usual = Known(
        withdrawn=False,
        holder=Holder.LIAISON,
        place="Q004-00121-v1",
        person=PERSON,
        channels=(Channel.INBOX, Channel.EMAIL),
        endpoint=None,
        unit_name="Phường Giang Biên",
        place_name="Phường Giang Biên",
        building_names=("Nhà CT1 (minh họa)",),
        buildings=1,
        group_number=None,
        facts=facts,
        attempts=0,
        age=timedelta(0),
    )
    return replace(usual, **given)


def letter() -> Letter:
    return Letter(
        id=made("delivery"),
        to=Person(PERSON, Channel.EMAIL, Language.VI),
        event=made("event"),
        type=PetitionFiled.type,
        subject=str(made("petition")),
        unit=WARD,
        on_day=DAY,
        told=NOW,
        correlation=made("correlation"),
        parameters={},
        attempt=1,
        withheld=None,
        wrapped_key=None,
        sealed=None,
    )


# Which places must be told


def test_the_ward_must_be_told_of_a_petition() -> None:
    occasion = domain.occasion.petition_filed(told(petition()))

    assert occasion.notices == (("petition-filed-unit", "Q004-00121-v1"),)
    assert not occasion.spreads


def test_ward_and_groups_must_be_told_of_a_board() -> None:
    occasion = domain.occasion.board_formed(told(board()))

    assert occasion.notices == (("board-formed-unit", "Q004-00121-v1"),)
    assert occasion.spreads
    assert set(occasion.buildings) == {BUILDING, OTHER}


def test_no_member_of_a_board_is_named_in_what_is_kept_for_texts() -> None:
    occasion = domain.occasion.board_formed(told(board()))

    assert str(PERSON) not in str(occasion.facts)


def test_nobody_is_told_of_taken_over_history() -> None:
    occasion = domain.occasion.board_formed(told(board(), takeover=made("batch")))

    assert occasion.suppressed is Reason.HISTORICAL
    assert not occasion.spreads


def test_nobody_is_told_of_a_correction() -> None:
    occasion = domain.occasion.petition_filed(told(petition(), corrects=made("earlier")))

    assert occasion.suppressed is Reason.CORRECTION


# What becomes of an open notice


def test_a_notice_is_decided_when_all_is_known() -> None:
    assert domain.notice.look(known()) == Look(Status.DECIDED)


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"person": None}, Reason.NO_LIAISON),
        ({"channels": ()}, Reason.NO_CONTACT),
        ({"unit_name": None}, Reason.NO_NAME),
        ({"building_names": ()}, Reason.NO_NAME),
    ],
)
def test_a_notice_waits_and_says_for_what(lacking: dict[str, Any], reason: Reason) -> None:
    assert domain.notice.look(known(**lacking)) == Look(Status.OPEN, reason, timedelta(seconds=1))


def test_pauses_grow_and_then_stay_the_same() -> None:
    pauses = [domain.notice.pause(looks, timedelta(0)) for looks in (0, 1, 4, 5, 500)]

    assert pauses == [timedelta(seconds=seconds) for seconds in (1, 2, 60, 300, 300)]


def test_names_are_not_waited_for_longer_than_an_hour() -> None:
    assert domain.notice.look(known(building_names=(), age=timedelta(hours=1))) == Look(Status.DECIDED)


def test_a_place_without_liaison_is_given_up_after_a_week() -> None:
    assert domain.notice.look(known(person=None, age=timedelta(days=7))) == Look(Status.FAILED, Reason.NO_LIAISON)


def test_what_was_taken_back_is_not_told() -> None:
    assert domain.notice.look(known(withdrawn=True)) == Look(Status.SUPPRESSED, Reason.WITHDRAWN)


# What follows an attempt


def test_what_was_taken_is_sent() -> None:
    assert domain.delivery.tried(Sent(), 3, 0.5) == Tried(domain.delivery.Status.SENT)


def test_a_temporary_failure_is_tried_again_in_a_minute_or_a_little_more() -> None:
    soon = domain.delivery.tried(Temporary("SMTP_451"), 1, 0.0)
    later = domain.delivery.tried(Temporary("SMTP_451"), 1, 0.999)

    assert soon == Tried(domain.delivery.Status.DUE, "SMTP_451", timedelta(minutes=1))
    assert later.pause is not None
    assert timedelta(minutes=1) < later.pause < timedelta(minutes=1, seconds=12)


def test_the_last_retry_comes_two_days_after_the_one_before() -> None:
    assert domain.delivery.tried(Temporary("UNREACHABLE"), len(RETRIES), 0.0).pause == timedelta(days=2)


def test_after_the_last_retry_it_is_given_up() -> None:
    last = domain.delivery.tried(Temporary("UNREACHABLE"), len(RETRIES) + 1, 0.0)

    assert last == Tried(domain.delivery.Status.FAILED, "UNREACHABLE")


def test_a_final_refusal_is_given_up_at_once() -> None:
    assert domain.delivery.tried(Permanent("SMTP_550"), 1, 0.0) == Tried(domain.delivery.Status.FAILED, "SMTP_550")


def test_what_was_taken_back_before_it_went_is_suppressed() -> None:
    assert domain.delivery.tried(Withheld(WITHDRAWN), 1, 0.0) == Tried(domain.delivery.Status.SUPPRESSED, "WITHDRAWN")


def test_giving_up_is_told() -> None:
    assert domain.delivery.failed(letter(), "SMTP_550", DAY) == DeliveryFailed(
        subject=str(made("delivery")),
        unit=WARD,
        on=DAY,
        about=made("event"),
        person=PERSON,
        channel=Channel.EMAIL,
        reason="SMTP_550",
    )


# Contacts


def asked(**given: object) -> RecordContact:
    usual = {"person": PERSON, "unit": "Q004-00121-v1", "name": "Người Minh Họa", "email": "minhhoa@phuong.example"}
    return RecordContact.model_validate(usual | given)


def test_who_has_an_address_is_reached_in_the_inbox_and_by_email() -> None:
    event = domain.contact.record(Ground(WARD, kept_elsewhere=False, erased=False), asked(), DAY)

    assert event == ContactRecorded(
        subject=str(PERSON), unit=WARD, on=DAY, channels=(Channel.INBOX, Channel.EMAIL), language=Language.VI
    )


def test_who_has_no_address_is_reached_in_the_inbox_alone() -> None:
    event = domain.contact.record(Ground(WARD, kept_elsewhere=False, erased=False), asked(email=None), DAY)

    assert event.channels == (Channel.INBOX,)


def test_a_contact_in_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitNotYetKnown):
        domain.contact.record(Ground(None, kept_elsewhere=False, erased=False), asked(), DAY)


def test_a_contact_kept_by_another_unit_is_not_taken_from_it() -> None:
    with pytest.raises(KeptElsewhere):
        domain.contact.record(Ground(WARD, kept_elsewhere=True, erased=False), asked(), DAY)


@pytest.mark.parametrize(
    "email", ["secret.example", "secret@@b.example", "secret@b@c", "@secret.example", "secret@b.example\nBcc: c@d"]
)
def test_a_wrong_address_is_refused_without_being_repeated(email: str) -> None:
    with pytest.raises(ValidationError) as refused:
        asked(email=email)

    assert "secret" not in str([one["msg"] for one in refused.value.errors()])


def test_masked_addresses_show_that_there_is_one_and_no_more() -> None:
    assert domain.contact.masked_email("nguoi@example.org") == "n…@e…"
    assert domain.contact.masked_phone("+84400000001") == "…01"
    assert domain.contact.masked_email(None) is None


# Words


@pytest.mark.parametrize(("field", "codes"), [("kind", PetitionKind), ("topic", Topic), ("severity", Severity)])
def test_every_code_has_words_in_both_languages(field: str, codes: type[PetitionKind | Topic | Severity]) -> None:
    words = domain.words.WORDS[field]

    assert words.keys() == {code.value for code in codes}
    assert all(vietnamese and english for vietnamese, english in words.values())


def test_a_petition_is_told_in_vietnamese() -> None:
    said = text(PetitionFiled.type, domain.notice.parameters(known()), Language.VI)

    assert said.subject == "Đơn mới tại Phường Giang Biên: khiếu nại"
    assert "- Tòa nhà: Nhà CT1 (minh họa)" in said.body
    assert "- Nội dung: kinh phí bảo trì phần sở hữu chung" in said.body
    assert "- Ngày tiếp nhận: 02/03/2026" in said.body
    assert str(made("petition")) in said.body


def test_a_petition_is_told_in_english() -> None:
    said = text(PetitionFiled.type, domain.notice.parameters(known()), Language.EN)

    assert said.subject == "New petition in Phường Giang Biên: complaint"
    assert "- Received on: 2026-03-02" in said.body


@pytest.mark.parametrize("language", list(Language))
def test_every_rule_has_a_text_that_can_do_without_names(language: Language) -> None:
    issue = DataQualityIssueRaised(
        subject=str(made("issue")), unit=WARD, on=DAY, rule="DQ-06", severity=Severity.WARN, lines=("LB-05",), hole=None
    )
    directive = DirectiveIssued(
        subject=str(made("directive")),
        unit=WARD,
        on=DAY,
        conference=None,
        number=1,
        title="Nhiệm vụ minh họa",
        assignees=(Assignee(body=AssigneeBody.DIVISIONS, unit_assigned="Q004-00121-v1"),),
        due=None,
    )
    training = TrainingAnnounced(
        subject=str(made("training")), unit=WARD, on=DAY, topics=(TrainingTopic.FIRE,), held_on=DAY
    )
    occasions = [
        domain.occasion.petition_filed(told(petition())),
        domain.occasion.board_formed(told(board())),
        domain.occasion.data_quality_issue_raised(told(issue)),
        domain.occasion.directive_issued(told(directive)),
        domain.occasion.training_announced(told(training)),
    ]
    nameless = known(unit_name=None, place_name=None, building_names=())

    said = [text(one.type, domain.notice.parameters(replace(nameless, facts=one.facts)), language) for one in occasions]

    assert {one.type for one in occasions} == {rule.event.type for rule in domain.occasion.RULES}
    assert all(one.subject and one.body and "None" not in one.subject + one.body for one in said)


@pytest.mark.asyncio
async def test_a_server_that_is_not_there_may_be_there_later() -> None:
    mail = Mail(Settings(smtp_url="smtp://127.0.0.1:1"))
    said = text(PetitionFiled.type, domain.notice.parameters(known()), Language.VI)

    outcome = await mail.send(made("delivery"), "minhhoa@phuong.example", said, Language.VI, NOW)

    assert outcome == Temporary("UNREACHABLE")
