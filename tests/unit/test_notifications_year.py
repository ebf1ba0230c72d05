"""Who is told of directives, classes and issues; which systems may be called, and what they are sent."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook

from services.notifications import domain
from services.notifications.domain.contact import Ground as ContactGround
from services.notifications.domain.contact import PersonWasErased, RecordContact, UnitNotYetKnown
from services.notifications.domain.delivery import RETRIES, Letter, Status, System, Temporary, Tried, Way, Withheld
from services.notifications.domain.notice import Holder, Known, Look, Reason
from services.notifications.domain.webhook import (
    BeforeItWasSubscribed,
    Endpoint,
    Ground,
    SubscribeWebhook,
    Subscription,
    UnsubscribeWebhook,
    WebhookAlreadyEnded,
    WebhookAlreadySubscribed,
    WebhookNeedsHttps,
    WebhookNotPublic,
)
from services.notifications.gateways import message, systems, text
from shared.errors import NotFound
from shared.events import (
    DataQualityIssueRaised,
    DirectiveIssued,
    PetitionFiled,
    TrainingAnnounced,
    WebhookFailed,
    WebhookSubscribed,
    WebhookUnsubscribed,
)
from shared.events.boards import Assignee, AssigneeBody, TrainingTopic
from shared.events.notifications import Channel, Language
from shared.events.reporting import Compared, Reading, Severity
from tests.examples import (
    BATCH,
    CITY,
    DAY,
    DISTRICT,
    HEAD,
    NOW,
    OTHER_WARD_ID,
    WARD,
    WARD_ID,
    made,
    of,
    petition_filed,
    told,
)

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
URL = "https://he-thong.example/nhan-tin?khoa=bi-mat"
BOTH = (AssigneeBody.PARTY_COMMITTEE, AssigneeBody.DIVISIONS)


def directive(*assignees: Assignee, due: date | None = None) -> DirectiveIssued:
    return DirectiveIssued(
        **of("directive", DISTRICT),
        conference=None,
        number=2,
        title="Rà soát ban quản trị (minh họa)",
        assignees=assignees,
        due=due,
    )


def assigned(*units: str) -> tuple[Assignee, ...]:
    return tuple(Assignee(body=body, unit_assigned=unit) for unit in units for body in BOTH)


def training() -> TrainingAnnounced:
    topics = (TrainingTopic.FIRE, TrainingTopic.RESCUE)
    return TrainingAnnounced(**of("training", DISTRICT), topics=topics, held_on=date(2026, 3, 20))


def issue(*figures: tuple[str, int]) -> DataQualityIssueRaised:
    return DataQualityIssueRaised(
        **of("issue", CITY),
        rule="DQ-03",
        severity=Severity.WARN,
        lines=tuple(line for line, _ in figures),
        hole=None,
        period="minh-hoa",
        figures=tuple(Compared(line=line, value=value) for line, value in figures),
        readings=(Reading(vi="Có thể đếm hai lần.", en="Perhaps counted twice."),),
    )


def known(**given: Any) -> Known:
    usual = Known(
        withdrawn=False,
        holder=Holder.HEAD,
        place=str(made("board")),
        person=HEAD,
        channels=(Channel.INBOX,),
        endpoint=None,
        unit_name="Quận Minh Họa",
        place_name=None,
        building_names=("Nhà CT1 (minh họa)",),
        buildings=1,
        group_number=None,
        facts=domain.occasion.training_announced(told(training())).facts,
        attempts=0,
        age=timedelta(0),
    )
    return replace(usual, **given)


# Who is told


def test_each_unit_that_a_directive_names_is_told_once() -> None:
    occasion = domain.occasion.directive_issued(told(directive(*assigned(WARD_ID, OTHER_WARD_ID))))

    assert occasion.notices == tuple(("directive-issued-assignees", unit) for unit in (WARD_ID, OTHER_WARD_ID))
    assert not occasion.spreads


def test_a_directive_that_names_nobody_is_told_to_nobody() -> None:
    assert domain.occasion.directive_issued(told(directive())).notices == ()


def test_heads_of_boards_are_looked_for_when_a_class_is_announced() -> None:
    occasion = domain.occasion.training_announced(told(training()))

    assert occasion.notices == ()
    assert occasion.spreads


@pytest.mark.parametrize("given", [{"takeover": BATCH}, {"corrects": made("earlier")}])
def test_nobody_is_told_of_old_or_corrected_directives_and_classes(given: dict[str, Any]) -> None:
    of_directive = domain.occasion.directive_issued(told(directive(*assigned(WARD_ID)), **given))
    of_training = domain.occasion.training_announced(told(training(), **given))

    assert of_directive.suppressed is not None
    assert not of_training.spreads


def test_the_head_of_a_board_is_told() -> None:
    assert domain.notice.look(known()) == Look(domain.notice.Status.DECIDED)


def test_a_board_without_a_head_waits_and_says_so() -> None:
    assert domain.notice.look(known(person=None)) == Look(
        domain.notice.Status.OPEN, Reason.NO_HEAD, timedelta(seconds=1)
    )


def test_a_system_is_told_though_its_unit_has_no_liaison() -> None:
    of_system = known(holder=Holder.ENDPOINT, person=None, channels=(), endpoint=made("endpoint"))

    assert domain.notice.look(of_system) == Look(domain.notice.Status.DECIDED)
    assert of_system.ways == (Way.WEBHOOK,)


def test_a_system_that_is_subscribed_no_more_is_not_told() -> None:
    ended = known(holder=Holder.ENDPOINT, person=None, channels=())

    assert domain.notice.look(ended) == Look(domain.notice.Status.SUPPRESSED, Reason.UNSUBSCRIBED)


def test_a_directive_waits_for_the_name_of_the_unit_it_is_for() -> None:
    facts = domain.occasion.directive_issued(told(directive(*assigned(WARD_ID)))).facts
    nameless = known(holder=Holder.LIAISON, place=WARD_ID, facts=facts)

    assert domain.notice.look(nameless).reason is Reason.NO_NAME
    assert domain.notice.look(replace(nameless, place_name="Phường Minh Họa")).reason is None


# What they are told


@pytest.mark.parametrize(
    ("language", "subject", "lines"),
    [
        (
            Language.VI,
            "Nhiệm vụ mới giao Phường Minh Họa: số 2",
            [
                "Quận Minh Họa giao",
                "- Cơ quan thực hiện: cấp ủy; các phòng, ban chuyên môn\n",
                "- Thời hạn: 01/06/2026\n",
            ],
        ),
        (
            Language.EN,
            "New task for Phường Minh Họa: no. 2",
            ["- To be carried out by: Party committee; specialised divisions\n", "- Deadline: 2026-06-01\n"],
        ),
    ],
)
def test_a_directive_says_who_has_to_do_what_by_when(language: Language, subject: str, lines: list[str]) -> None:
    issued = directive(*assigned(WARD_ID), *assigned(OTHER_WARD_ID)[:1], due=date(2026, 6, 1))
    facts = domain.occasion.directive_issued(told(issued)).facts
    of_ward = known(holder=Holder.LIAISON, place=WARD_ID, place_name="Phường Minh Họa", facts=facts)

    said = text(DirectiveIssued.type, domain.notice.parameters(of_ward), language)

    assert said.subject == subject
    assert all(line in said.body for line in [*lines, "Rà soát ban quản trị (minh họa)"])


def test_a_directive_without_deadline_says_so() -> None:
    facts = domain.occasion.directive_issued(told(directive(*assigned(WARD_ID)))).facts

    said = text(DirectiveIssued.type, domain.notice.parameters(known(place=WARD_ID, facts=facts)), Language.VI)

    assert "- Thời hạn: không quy định\n" in said.body


def test_a_class_says_what_it_teaches_and_for_which_board() -> None:
    said = text(TrainingAnnounced.type, domain.notice.parameters(known()), Language.VI)

    assert said.subject == "Tập huấn dành cho trưởng ban quản trị nhà chung cư, ngày 20/03/2026"
    assert "trưởng ban quản trị Nhà CT1 (minh họa)" in said.body
    assert "- Nội dung: phòng cháy, chữa cháy; cứu nạn, cứu hộ\n" in said.body


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (Language.VI, ["- Kỳ báo cáo: minh-hoa\n", "- Số liệu: LB-03 là 65; LB-04 là 43\n", "- Có thể đếm hai lần.\n"]),
        (
            Language.EN,
            ["- Period of the report: minh-hoa\n", "LB-03 is 65; LB-04 is 43\n", "- Perhaps counted twice.\n"],
        ),
    ],
)
def test_an_issue_says_the_figures_and_how_they_could_be_meant(language: Language, lines: list[str]) -> None:
    facts = domain.occasion.data_quality_issue_raised(told(issue(("LB-03", 65), ("LB-04", 43)))).facts

    said = text(DataQualityIssueRaised.type, domain.notice.parameters(known(facts=facts)), language)

    assert all(line in said.body for line in lines)


def test_an_issue_with_a_small_restricted_figure_tells_no_figure_and_no_reading() -> None:
    facts = domain.occasion.data_quality_issue_raised(told(issue(("LB-11a", 31), ("LB-12b", 2)))).facts

    said = text(DataQualityIssueRaised.type, domain.notice.parameters(known(facts=facts)), Language.VI)

    assert (facts["figures"], facts["readings"]) == ([], [])
    assert "LB-11a, LB-12b" in said.body
    assert "chỉ tiêu hạn chế" in said.body
    assert "31" not in said.body
    assert "đếm hai lần" not in said.body


@pytest.mark.parametrize("figures", [(("LB-11a", 31), ("LB-12a", 12)), (("LB-16", 2),)])
def test_large_restricted_figures_and_small_open_ones_are_told(figures: tuple[tuple[str, int], ...]) -> None:
    facts = domain.occasion.data_quality_issue_raised(told(issue(*figures))).facts

    assert [(one["line"], one["value"]) for one in facts["figures"]] == list(figures)


@pytest.mark.parametrize("language", list(Language))
def test_an_issue_kept_before_figures_were_told_is_still_shown(language: Language) -> None:
    kept: dict[str, Any] = {
        "rule": "DQ-15",
        "severity": "WARN",
        "lines": [],
        "on": "2026-03-02",
        "subject": "x",
        "unit": None,
    }

    assert "DQ-15" in text(DataQualityIssueRaised.type, kept, language).body


@pytest.mark.parametrize("language", list(Language))
def test_what_is_made_up_says_so_before_anything_else_and_what_is_not_does_not(language: Language) -> None:
    parameters = domain.notice.parameters(known())

    made_up = text(TrainingAnnounced.type, parameters, language, synthetic=True)
    real = text(TrainingAnnounced.type, parameters, language)

    assert made_up.body == f"Dữ liệu minh hoạ · Illustration data\n\n{real.body}"
    assert made_up.subject == real.subject


@pytest.mark.parametrize(("field", "codes"), [("topics", TrainingTopic), ("bodies", AssigneeBody)])
def test_every_code_has_words_in_both_languages(field: str, codes: type[TrainingTopic | AssigneeBody]) -> None:
    words = domain.words.WORDS[field]

    assert words.keys() == {code.value for code in codes}
    assert all(vietnamese and english for vietnamese, english in words.values())


# Who was erased


def test_a_contact_of_somebody_erased_is_refused() -> None:
    asked = RecordContact(person=HEAD, unit=WARD_ID, name="Người Minh Họa")

    with pytest.raises(PersonWasErased):
        domain.contact.record(ContactGround(WARD, kept_elsewhere=False, erased=True), asked, DAY)


def test_what_was_due_to_somebody_erased_is_suppressed() -> None:
    assert domain.delivery.tried(Withheld("ERASED"), 1, 0.0) == Tried(Status.SUPPRESSED, "ERASED")


# Subscribing a system


def subscribing(url: str = URL, secret: str = SECRET) -> SubscribeWebhook:
    return SubscribeWebhook(endpoint_id=made("endpoint"), unit=WARD_ID, url=url, secret=secret)


FREE = Ground(exists=False, unit=WARD)


def test_a_system_is_subscribed_and_its_address_is_not_told() -> None:
    event = domain.webhook.subscribe(FREE, subscribing(), DAY, development=False)

    assert event == WebhookSubscribed(subject=str(made("endpoint")), unit=WARD, on=DAY)


def test_an_endpoint_is_subscribed_once() -> None:
    with pytest.raises(WebhookAlreadySubscribed):
        domain.webhook.subscribe(replace(FREE, exists=True), subscribing(), DAY, development=False)


def test_a_system_of_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitNotYetKnown):
        domain.webhook.subscribe(replace(FREE, unit=None), subscribing(), DAY, development=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]:9/x"])
def test_a_system_on_this_machine_is_called_in_development_alone(url: str) -> None:
    assert domain.webhook.subscribe(FREE, subscribing(url), DAY, development=True).unit == WARD
    with pytest.raises(WebhookNeedsHttps):
        domain.webhook.subscribe(FREE, subscribing(url), DAY, development=False)


@pytest.mark.parametrize("url", ["http://he-thong.example/", "http://10.0.0.1/", "http://localhost.example/"])
def test_a_system_elsewhere_needs_https_in_development_too(url: str) -> None:
    with pytest.raises(WebhookNeedsHttps):
        domain.webhook.subscribe(FREE, subscribing(url), DAY, development=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "[::1]", "[fd00::1]", "localhost", "localhost.", "may-chu.local", "x.internal"]
)
def test_a_private_address_is_refused_in_production(host: str) -> None:
    with pytest.raises(WebhookNotPublic):
        domain.webhook.subscribe(FREE, subscribing(f"https://{host}/x"), DAY, development=False)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://he-thong.example/bi-mat",
        "https:///bi-mat",
        "https://he-thong.example:0/bi-mat",
        "https://he-thong.example:99999/bi-mat",
        "https://nguoi:bi-mat@he-thong.example/",
        "https://bi-mat@he-thong.example/",
        "https://he-thong.example\\@bi-mat.example/",
        "https://he-thong.example/#bi-mat",
        "https://he-thong.example/bi mat",
        "https://[bi-mat/",
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        subscribing(url)

    assert "mat" not in str([one["msg"].replace("match", "") for one in refused.value.errors()])


@pytest.mark.parametrize(
    "secret",
    [
        "bi-mat",
        "whsec_",
        SECRET.removeprefix("whsec_"),
        f"whsec_{base64.b64encode(bytes(23)).decode()}",
        f"whsec_{base64.b64encode(bytes(65)).decode()}",
        f"whsec_*{SECRET[7:]}",
        f"whsec_{'é' * 32}",
    ],
)
def test_a_wrong_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValidationError) as refused:
        subscribing(secret=secret)

    assert [one["msg"] for one in refused.value.errors()] == ["Value error, whsec_ and 24 to 64 bytes in base64"]


@pytest.mark.parametrize("length", [24, 64])
def test_secrets_of_24_to_64_bytes_are_taken(length: int) -> None:
    secret = f"whsec_{base64.b64encode(bytes(length)).decode()}"

    assert subscribing(secret=secret).endpoint == Endpoint(url=URL, secret=secret)


def test_of_an_address_its_host_alone_is_shown() -> None:
    assert domain.webhook.masked(URL) == "https://he-thong.example/…"


def test_a_subscription_ends() -> None:
    current = Subscription(made("endpoint"), WARD, DAY, None)

    event = domain.webhook.unsubscribe(current, UnsubscribeWebhook(on=DAY))

    assert event == WebhookUnsubscribed(subject=str(made("endpoint")), unit=WARD, on=DAY)


def test_a_subscription_ends_once_and_not_before_it_began() -> None:
    current = Subscription(made("endpoint"), WARD, DAY, None)

    with pytest.raises(WebhookAlreadyEnded):
        domain.webhook.unsubscribe(replace(current, until_day=DAY), UnsubscribeWebhook(on=DAY))
    with pytest.raises(BeforeItWasSubscribed):
        domain.webhook.unsubscribe(current, UnsubscribeWebhook(on=DAY - timedelta(days=1)))
    with pytest.raises(NotFound):
        domain.webhook.unsubscribe(None, UnsubscribeWebhook(on=DAY))


# Where a system may be called


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses_are_called(address: str) -> None:
    assert domain.webhook.may_be_called("https", address, development=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 (an address that is refused)
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fd00::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:db8::1",
    ],
)
def test_other_addresses_are_not_called_in_production(address: str) -> None:
    assert not domain.webhook.may_be_called("https", address, development=False)


def test_this_machine_is_called_without_https_in_development_alone() -> None:
    assert domain.webhook.may_be_called("http", "127.0.0.1", development=True)
    assert not domain.webhook.may_be_called("http", "93.184.216.34", development=True)
    assert not domain.webhook.may_be_called("http", "93.184.216.34", development=False)


# What a system is sent


def letter(**given: Any) -> Letter:
    occasion = domain.occasion.petition_filed(told(petition_filed()))
    usual = Letter(
        id=made("delivery"),
        to=System(made("endpoint")),
        event=occasion.event,
        type=occasion.type,
        subject=occasion.subject,
        unit=WARD,
        on_day=DAY,
        told=NOW,
        correlation=made("request"),
        parameters=domain.notice.parameters(known(holder=Holder.ENDPOINT, facts=occasion.facts)),
        attempt=1,
        withheld=None,
        wrapped_key=None,
        sealed=None,
    )
    return replace(usual, **given)


def test_a_message_says_what_happened_in_both_languages_and_the_same_again() -> None:
    sent = message(letter(), synthetic=True)
    said = orjson.loads(sent)
    texts = said["data"].pop("text")

    assert said == {
        "type": PetitionFiled.type,
        "timestamp": "2026-03-02T03:00:00Z",
        "data": {
            "event": str(letter().event),
            "type": PetitionFiled.type,
            "subject": str(made("petition")),
            "unit": WARD,
            "on": "2026-03-02",
            "synthetic": True,
        },
    }
    assert texts["vi"]["subject"] == "Đơn mới tại Quận Minh Họa: khiếu nại"
    assert texts["en"]["subject"] == "New petition in Quận Minh Họa: complaint"
    assert all(one["body"].startswith("Dữ liệu minh hoạ · Illustration data\n") for one in texts.values())
    assert message(letter(attempt=3), synthetic=True) == sent


def test_a_message_outside_development_is_not_called_made_up() -> None:
    data = orjson.loads(message(letter(), synthetic=False))["data"]

    assert data["synthetic"] is False
    assert "minh hoạ ·" not in data["text"]["vi"]["body"]


def test_the_signature_is_that_of_the_specification() -> None:
    reference = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)

    signature = reference.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_sent_bears_the_signature_of_its_id_moment_and_body() -> None:
    sent = message(letter(), synthetic=True)
    elsewhere = datetime.fromisoformat("2026-03-02T10:00:00.700000+07:00")

    headers = systems._signed(made("delivery"), Endpoint(url=URL, secret=SECRET), sent, elsewhere)

    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (str(made("delivery")), "1772420400")
    assert headers["webhook-signature"] == Webhook(SECRET).sign(str(made("delivery")), NOW, sent.decode())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Mon, 02 Mar 2026 03:02:00 GMT", 120),
        ("Mon, 02 Mar 2026 02:00:00 GMT", 0),
        ("Mon, 02 Mar 2026 03:02:00 -0000", 120),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("9" * 5000, 0),
        ("9" * 30, 0),
    ],
)
def test_how_long_to_wait_is_read_where_it_can_be(said: str, seconds: int) -> None:
    assert systems._after(said, NOW) == timedelta(seconds=seconds)


def test_whoever_asks_for_more_time_is_given_it_up_to_the_longest_pause() -> None:
    hour, year = Temporary("HTTP_429", timedelta(hours=1)), Temporary("HTTP_503", timedelta(days=365))

    assert domain.delivery.tried(hour, 1, 0.0) == Tried(Status.DUE, "HTTP_429", timedelta(hours=1))
    assert domain.delivery.tried(year, 1, 0.0) == Tried(Status.DUE, "HTTP_503", RETRIES[-1])
    assert domain.delivery.tried(hour, 5, 0.0).pause == timedelta(hours=6)


def test_giving_up_on_a_system_is_told_without_its_address() -> None:
    assert domain.delivery.failed(letter(), "HTTP_410", DAY) == WebhookFailed(
        subject=str(made("delivery")), unit=WARD, on=DAY, about=letter().event, reason="HTTP_410"
    )
