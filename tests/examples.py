"""People, places and facts for tests. All are synthetic: no such person, building or paper exists."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from shared.auth import PERMISSIONS, Identity
from shared.caller import Caller
from shared.events import (
    BoardClosed,
    BoardConsolidated,
    BoardFormed,
    BoardMemberEnded,
    BoardReviewed,
    BuildingAssignedToUnit,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingRegistered,
    BuildingTakenOutOfUse,
    BuildingUnlinkedFromResidentialGroup,
    Circumstances,
    CommendationDecided,
    ConferenceHeld,
    ConflictRecorded,
    ConflictSettled,
    ContactRecorded,
    CoordinationRegulationEvaluated,
    CoordinationRegulationIssued,
    CoordinationRegulationLapsed,
    DataQualityIssueAcknowledged,
    DataQualityIssueRaised,
    DataQualityIssueResolved,
    DeliveryFailed,
    DirectiveIssued,
    DirectiveProgressed,
    Document,
    Event,
    FigureDeclared,
    GroupBodyEnded,
    GroupBodyEstablished,
    InspectionConducted,
    LiaisonNamed,
    OverlapIssueRaised,
    OverlapIssueResolved,
    ParticipationEnded,
    ParticipationErased,
    ParticipationRecorded,
    PartyCellLinked,
    PartyCellUnlinked,
    PeriodDeclared,
    PersonErased,
    PetitionFiled,
    PetitionFlaggedComplex,
    PetitionResolved,
    Register,
    ResidentialGroupDissolved,
    ResidentialGroupFormed,
    SpeechRecorded,
    SupervisionAssigned,
    SupervisionEnded,
    TargetSet,
    Told,
    TrainingAnnounced,
    TrainingHeld,
    UnitClosed,
    UnitEstablished,
    ViolationDecided,
    ViolationRecorded,
    ViolationRemedied,
    WebhookFailed,
    WebhookSubscribed,
    WebhookUnsubscribed,
    boards,
    buildings,
    notifications,
    tell,
)
from shared.events.boards import (
    Assignee,
    AssigneeBody,
    Bloc,
    Category,
    Closure,
    Complexity,
    ConferenceKind,
    ConflictTopic,
    Delegation,
    Departure,
    Finding,
    GroupBody,
    Invitation,
    Member,
    Outcome,
    OverlapTopic,
    Pair,
    Parties,
    PetitionKind,
    Progress,
    Recipient,
    Role,
    SettledBy,
    SpeechTopic,
    Stage,
    Topic,
    TrainingTopic,
)
from shared.events.buildings import InspectionTopic, Owners, Place, Succession, Successor, UnitKind, ViolationCode
from shared.events.notifications import Language
from shared.events.reporting import Claim, Hole, Severity

E = TypeVar("E", bound=Event)

NAMESPACE = UUID("5f0c4a8e-0000-4000-8000-000000000000")
DAY = date(2026, 3, 2)
"""The day on which tests live."""
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
"""Ten o'clock in the morning of that day in Hà Nội."""


def made(name: str) -> UUID:
    """Return an id that is the same in every run."""
    return uuid5(NAMESPACE, name)


CITY, DISTRICT = "HN", "HN.Q004"
WARD_ID, OTHER_WARD_ID, THIRD_WARD_ID = "Q004-00121-v1", "Q004-00124-v1", "Q004-00127-v1"
WARD, OTHER_WARD, THIRD_WARD = (f"{DISTRICT}.{one}" for one in (WARD_ID, OTHER_WARD_ID, THIRD_WARD_ID))
FAR_WARD_ID = "Q009-00343-v1"
FAR_WARD = f"{CITY}.Q009.{FAR_WARD_ID}"

BUILDING, OTHER_BUILDING = made("building"), made("other building")
GROUP, OTHER_GROUP = made("group"), made("other group")
BOARD, PETITION, BATCH = made("board"), made("petition"), made("batch")
HEAD, DEPUTY, MEMBER = made("head"), made("deputy"), made("member")

DECISION = Document(symbol="minh-hoa-01/QĐ-UBND", date=DAY, issuer="UBND quận minh họa")
MEMBERS = (
    Member(person=HEAD, role=Role.HEAD),
    Member(person=DEPUTY, role=Role.DEPUTY),
    Member(person=MEMBER, role=Role.MEMBER),
)


def caller(*units: str, **changed: Any) -> Caller:
    """Return somebody who may do everything in these units, asking now."""
    identity = Identity("tester", frozenset(PERMISSIONS), units or (CITY,))
    return replace(Caller(identity, NOW, made("request"), back_date_days=30), **changed)


def board_formed(board: UUID = BOARD, *on_buildings: UUID, on: date = DAY, unit: str = WARD) -> BoardFormed:
    """Return a board of three, formed for these buildings."""
    return BoardFormed(
        subject=str(board),
        unit=unit,
        on=on,
        building_ids=on_buildings or (BUILDING,),
        decision=DECISION.model_copy(update={"date": on}),
        elected_on=on,
        term_from=on,
        term_to=on.replace(year=on.year + 3),
        members=MEMBERS,
    )


def building_registered(
    building: UUID = BUILDING, *, on: date = DAY, unit: str = WARD, blocks: int = 1
) -> BuildingRegistered:
    """Return a building with one block."""
    return BuildingRegistered(
        subject=str(building),
        unit=unit,
        on=on,
        ward=unit.rpartition(".")[2],
        name=f"Nhà chung cư minh họa {str(building)[:4]}",
        address=f"Số {building.int % 97} đường Minh Họa",
        blocks=blocks,
        storeys=15,
        apartments=180,
        lift=True,
        built_year=2010,
        owners=Owners.MULTIPLE,
    )


def unit_established(path: str = WARD, *, on: date = date(2008, 8, 1), kind: UnitKind | None = None) -> UnitEstablished:
    """Return a unit; its kind follows from the depth of its path."""
    parent, _, unit_id = path.rpartition(".")
    depth = path.count(".")
    return UnitEstablished(
        subject=unit_id,
        unit=path,
        on=on,
        name=f"Đơn vị minh họa {unit_id}",
        kind=kind or (UnitKind.CITY, UnitKind.DISTRICT, UnitKind.WARD)[depth],
        official_code=unit_id.rpartition("-")[0] or unit_id,
        parent=parent.rpartition(".")[2] or None,
        since=None,
    )


def unit_closed(path: str = WARD, *successors: str, on: date = DAY) -> UnitClosed:
    """Return the end of a unit that passed wholly into others."""
    return UnitClosed(
        subject=path.rpartition(".")[2],
        unit=path,
        on=on,
        successors=tuple(
            Successor(unit_id=one, kind=Succession.MERGE, whole=True) for one in successors or (OTHER_WARD_ID,)
        ),
    )


def petition_filed(petition: UUID = PETITION, building: UUID | None = BUILDING, *, on: date = DAY) -> PetitionFiled:
    """Return a complaint that came by post."""
    return PetitionFiled(
        subject=str(petition),
        unit=WARD,
        on=on,
        kind=PetitionKind.COMPLAINT,
        topic=Topic.FIRE_SAFETY,
        channel=boards.Channel.POST,
        building=building,
    )


def group_formed(group: UUID = GROUP, *, on: date = DAY, number: str = "7") -> ResidentialGroupFormed:
    """Return a residential group."""
    return ResidentialGroupFormed(subject=str(group), unit=WARD, on=on, ward=WARD_ID, number=number)


_OF_BUILDING: dict[str, Any] = {"subject": str(BUILDING), "unit": WARD, "on": DAY}
_OF_ISSUE: dict[str, Any] = {"subject": str(made("issue")), "unit": CITY, "on": DAY}

PERIOD = "thong-tri-05-2026"
"""A report period that was declared."""
PERIOD_FROM, PERIOD_TO = date(2025, 9, 30), date(2026, 12, 1)
PARTICIPANT = "7d4b6f0c9a1e5d3882c7b6a5f4e3d2c1"
"""Somebody with a political tie, as restricted facts name them."""


def of(name: str, unit: str = WARD) -> dict[str, Any]:
    """Return what every fact has, of a thing with this name."""
    return {"subject": str(made(name)), "unit": unit, "on": DAY}


ONE_OF_EACH: tuple[Event, ...] = (
    unit_established(),
    unit_closed(),
    LiaisonNamed(subject=WARD_ID, unit=WARD, on=DAY, place=Place.UNIT, person=HEAD),
    group_formed(),
    ResidentialGroupDissolved(subject=str(GROUP), unit=WARD, on=DAY),
    building_registered(),
    BuildingPutInUse(**_OF_BUILDING),
    BuildingTakenOutOfUse(**_OF_BUILDING),
    BuildingAssignedToUnit(**_OF_BUILDING, ward=WARD_ID),
    BuildingLinkedToResidentialGroup(**_OF_BUILDING, group=GROUP),
    BuildingUnlinkedFromResidentialGroup(**_OF_BUILDING, group=GROUP),
    InspectionConducted(**of("inspection"), building=BUILDING, topic=InspectionTopic.FIRE_SAFETY),
    ViolationRecorded(
        **of("violation"), building=BUILDING, inspection=made("inspection"), code=ViolationCode.OCCUPY_COMMON
    ),
    ViolationDecided(**of("violation"), decision=DECISION),
    ViolationRemedied(**of("violation")),
    buildings.RegisterOpened(subject=str(made("groups kept")), unit=WARD, on=DAY, register_kept=Register.GROUPS),
    buildings.RegisterConfirmed(
        subject=str(made("groups kept")), unit=WARD, on=DAY, register_kept=Register.GROUPS, through=DAY
    ),
    buildings.TakeoverOpened(subject=str(BATCH), unit=DISTRICT, on=DAY, name="Hồ sơ cũ minh họa"),
    board_formed(),
    BoardReviewed(**of("board")),
    BoardConsolidated(
        **of("board"),
        decision=DECISION,
        term_from=DAY,
        term_to=DAY.replace(year=DAY.year + 3),
        members=MEMBERS,
    ),
    BoardMemberEnded(**of("board"), person=MEMBER, reason=Departure.MOVED),
    BoardClosed(subject=str(BOARD), unit=WARD, on=DAY, reason=Closure.DISSOLVED),
    PartyCellLinked(**of("cell"), group=GROUP),
    PartyCellUnlinked(**of("cell"), group=GROUP),
    GroupBodyEstablished(**of("body"), group=GROUP, body=GroupBody.FRONT_COMMITTEE),
    GroupBodyEnded(**of("body")),
    SupervisionAssigned(**of("supervision")),
    SupervisionEnded(**of("supervision")),
    CoordinationRegulationIssued(**of("regulation"), pairs=(Pair(group=GROUP, board=BOARD),)),
    CoordinationRegulationEvaluated(**of("regulation"), finding=Finding.FIT),
    CoordinationRegulationLapsed(**of("regulation")),
    OverlapIssueRaised(**of("overlap"), group=GROUP, board=BOARD, topic=OverlapTopic.SECURITY),
    OverlapIssueResolved(**of("overlap")),
    ConflictRecorded(
        **of("conflict"), building=BUILDING, topic=ConflictTopic.FEES, parties=Parties.RESIDENTS_AND_BOARD
    ),
    ConflictSettled(**of("conflict"), settled_by=SettledBy.MEDIATION),
    ConferenceHeld(
        **of("conference", DISTRICT),
        kind=ConferenceKind.REVIEW,
        reviewed=DECISION,
        invitations=(
            Invitation(delegation=Delegation.WARD_LEADERS, unit_invited=WARD_ID, invited=2, attended=2),
            Invitation(delegation=Delegation.BOARD_HEADS, unit_invited=WARD_ID, invited=3, attended=1),
        ),
    ),
    SpeechRecorded(**of("conference", DISTRICT), bloc=Bloc.BOARD, topic=SpeechTopic.TRAINING),
    DirectiveIssued(
        **of("directive", DISTRICT),
        conference=made("conference"),
        number=1,
        title="Tập huấn cho trưởng ban quản trị (minh họa)",
        assignees=(Assignee(body=AssigneeBody.PEOPLES_COMMITTEE, unit_assigned=WARD_ID),),
        due=None,
    ),
    DirectiveProgressed(**of("directive", DISTRICT), by_unit=WARD_ID, progress=Progress.REPORTED_DONE),
    TrainingAnnounced(**of("training", DISTRICT), topics=(TrainingTopic.FIRE,), held_on=DAY),
    TrainingHeld(**of("training", DISTRICT), topics=(TrainingTopic.FIRE, TrainingTopic.RESCUE), attended=(HEAD,)),
    CommendationDecided(**of("commendation", DISTRICT), recipient=Recipient.COLLECTIVE, decision=DECISION),
    petition_filed(),
    PetitionFlaggedComplex(subject=str(PETITION), unit=WARD, on=DAY, reason=Complexity.MANY_PETITIONERS),
    PetitionResolved(subject=str(PETITION), unit=WARD, on=DAY, outcome=Outcome.PARTLY_UPHELD),
    PersonErased(**of("head")),
    boards.RegisterOpened(subject=str(made("boards kept")), unit=WARD, on=DAY, register_kept=Register.BOARDS),
    boards.RegisterConfirmed(
        subject=str(made("boards kept")), unit=WARD, on=DAY, register_kept=Register.BOARDS, through=DAY
    ),
    boards.TakeoverOpened(subject=str(made("boards batch")), unit=DISTRICT, on=DAY, name="Hồ sơ cũ minh họa"),
    ContactRecorded(
        subject=str(HEAD),
        unit=WARD,
        on=DAY,
        channels=(notifications.Channel.INBOX, notifications.Channel.EMAIL),
        language=Language.VI,
    ),
    DeliveryFailed(
        subject=str(made("delivery")),
        unit=WARD,
        on=DAY,
        about=made("event"),
        person=HEAD,
        channel=notifications.Channel.EMAIL,
        reason="no-address",
    ),
    WebhookSubscribed(**of("endpoint")),
    WebhookUnsubscribed(**of("endpoint")),
    WebhookFailed(**of("webhook"), about=made("event"), reason="HTTP_410"),
    PeriodDeclared(
        subject=PERIOD,
        unit=DISTRICT,
        on=DAY,
        report="thong-tri-05",
        period_from=PERIOD_FROM,
        period_to=PERIOD_TO,
        name="Kỳ sơ kết minh họa",
    ),
    FigureDeclared(
        **of("figure", DISTRICT),
        period=PERIOD,
        line="LB-15",
        value=None,
        denominator=None,
        claim=Claim.DECREASED,
        baseline=None,
        note="Nêu trong báo cáo minh họa",
    ),
    TargetSet(**of("target", DISTRICT), period=PERIOD, line="LB-19", value=100),
    DataQualityIssueRaised(
        **_OF_ISSUE,
        rule="DQ-15",
        severity=Severity.WARN,
        lines=("LB-05", "LB-16"),
        hole=Hole(origin="boards", first=5, last=7),
    ),
    DataQualityIssueResolved(**_OF_ISSUE, rule="DQ-15"),
    DataQualityIssueAcknowledged(**_OF_ISSUE, reason="Đã đối chiếu với sổ giấy minh họa"),
    ParticipationRecorded(
        subject=PARTICIPANT,
        unit=WARD,
        on=PERIOD_TO,
        stage=Stage.SERVING,
        categories=(Category.RESIDENT_PARTY_MEMBER, Category.GROUP_OFFICE),
        period_from=PERIOD_FROM,
        period_to=PERIOD_TO,
    ),
    ParticipationEnded(subject=PARTICIPANT, unit=WARD, on=PERIOD_TO),
    ParticipationErased(subject=PARTICIPANT, unit=WARD, on=PERIOD_TO),
)
"""One example of every event there is."""


def told(event: E, version: int = 1, name: str = "", **given: Any) -> Told[E]:
    """Tell a fact as a service would; its id follows from what it says, or from a name."""
    known = made(name or f"{event.type} {event.model_dump_json()} {version} {given}")
    around: dict[str, Any] = {"actor": "tester", "correlation": made("request"), **given}
    return tell(event, Circumstances(id=known, time=NOW, version=version, **around))


def bodies(events: Iterable[Told[Any]]) -> list[bytes]:
    """Return the very bytes of told events."""
    return [one.body for one in events]
