"""The lines of the year on a real database: what a person counts by hand, live and as known, in any order, once."""

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.reporting.consumers import consumers
from services.reporting.domain.indicator import Kind
from services.reporting.domain.known import Known, Period
from services.reporting.domain.line import line
from services.reporting.domain.report import with_issues
from services.reporting.store import entries, known
from services.reporting.store.definitions import entry_texts, indicators, reports
from services.reporting.store.figures import Asking
from shared.consumers import Delivery
from shared.database import Database
from shared.events import (
    BoardClosed,
    BoardConsolidated,
    BoardMemberEnded,
    BoardReviewed,
    BuildingLinkedToResidentialGroup,
    BuildingPutInUse,
    BuildingTakenOutOfUse,
    CommendationDecided,
    ConferenceHeld,
    ConflictRecorded,
    ConflictSettled,
    CoordinationRegulationEvaluated,
    CoordinationRegulationIssued,
    CoordinationRegulationLapsed,
    Document,
    Event,
    GroupBodyEnded,
    GroupBodyEstablished,
    InspectionConducted,
    OverlapIssueRaised,
    OverlapIssueResolved,
    PartyCellLinked,
    PartyCellUnlinked,
    PetitionFlaggedComplex,
    Register,
    ResidentialGroupFormed,
    SpeechRecorded,
    Told,
    TrainingHeld,
    ViolationDecided,
    ViolationRecorded,
    ViolationRemedied,
    boards,
    buildings,
)
from shared.events.boards import (
    Bloc,
    Closure,
    Complexity,
    ConferenceKind,
    ConflictTopic,
    Departure,
    Finding,
    GroupBody,
    Member,
    OverlapTopic,
    Pair,
    Parties,
    Recipient,
    Role,
    SettledBy,
    SpeechTopic,
    TrainingTopic,
)
from shared.events.buildings import InspectionTopic, ViolationCode
from tests.examples import (
    CITY,
    DECISION,
    DISTRICT,
    OTHER_WARD,
    OTHER_WARD_ID,
    THIRD_WARD,
    THIRD_WARD_ID,
    WARD,
    WARD_ID,
    board_formed,
    building_registered,
    made,
    petition_filed,
    told,
    unit_established,
)

Fresh = Callable[[str], Awaitable[Database]]

BEFORE, FIRST, LAST, AFTER = date(2025, 6, 1), date(2025, 7, 1), date(2026, 6, 30), date(2026, 7, 1)
IN = date(2026, 2, 10)
YEAR = Period(FIRST, LAST)


class Book:
    """Tells facts, each with the next version of its subject."""

    def __init__(self) -> None:
        self.events: list[Told[Any]] = []
        self._versions: dict[str, int] = {}

    def __call__(self, kind: type[Event], name: str | UUID, on: date, unit: str = WARD, /, **said: Any) -> Told[Any]:
        subject = str(name if isinstance(name, UUID) else made(name))
        return self.of(kind(subject=subject, unit=unit, on=on, **said))

    def of(self, event: Event, **given: Any) -> Told[Any]:
        self._versions[event.subject] = self._versions.get(event.subject, 0) + 1
        one = told(event, self._versions[event.subject], **given)
        self.events.append(one)
        return one


def seats(head: str) -> tuple[Member, ...]:
    rest = ((Role.DEPUTY, f"deputy beside {head}"), (Role.MEMBER, f"member beside {head}"))
    return (Member(person=made(head), role=Role.HEAD), *(Member(person=made(name), role=role) for role, name in rest))


HOUSES = {"one": WARD, "two": WARD, "three": OTHER_WARD, "four": OTHER_WARD, "five": OTHER_WARD}
LINKS = {"one": "g0", "two": "g1", "three": "g2", "four": "g2", "five": "g2"}
GROUPS = {"g0": WARD, "g1": WARD, "g2": OTHER_WARD, "g3": THIRD_WARD}
IN_THE_YEAR = {"g2"}


def house(name: str) -> UUID:
    return made(f"building {name}")


def group(name: str) -> UUID:
    return made(f"group {name}")


def places(tell: Book) -> None:
    for path in (CITY, DISTRICT, WARD, OTHER_WARD, THIRD_WARD):
        tell.of(unit_established(path))
    for name, ward in GROUPS.items():
        on = IN if name in IN_THE_YEAR else BEFORE
        tell(ResidentialGroupFormed, group(name), on, ward, ward=ward.rpartition(".")[2], number=name)
    for name, ward in HOUSES.items():
        tell.of(building_registered(house(name), on=date(2020, 1, 1), unit=ward))
        tell(BuildingPutInUse, house(name), date(2020, 2, 1), ward)
        tell(BuildingLinkedToResidentialGroup, house(name), IN, ward, group=group(LINKS[name]))
    # In use until the last day of the year, and no longer.
    tell(BuildingTakenOutOfUse, house("five"), AFTER, OTHER_WARD)
    for events, kind, ward in (
        (service, register, unit)
        for service, kept in (
            (buildings, (Register.GROUPS, Register.BUILDINGS)),
            (boards, (Register.BOARDS, Register.PETITIONS)),
        )
        for register in kept
        for unit in (WARD, OTHER_WARD, THIRD_WARD)
    ):
        name = f"{kind} of {ward}"
        tell(events.RegisterOpened, name, date(2020, 1, 1), ward, register_kept=kind)
        tell(events.RegisterConfirmed, name, AFTER, ward, register_kept=kind, through=LAST)


def managed(tell: Book) -> None:
    def form(name: str, on: date, **changed: Any) -> None:
        formed = board_formed(made(f"board {name}"), house(name), on=on, unit=HOUSES[name])
        tell.of(formed.model_copy(update={"members": seats(f"head {name}"), **changed}))

    for name in ("one", "three", "four"):
        form(name, date(2024, 5, 1))
    form("two", IN)
    form("five", date(2023, 1, 5), term_to=date(2026, 6, 29))
    tell(
        BoardConsolidated,
        "board one",
        IN,
        decision=DECISION,
        term_from=IN,
        term_to=date(2029, 2, 9),
        members=seats("new head one"),
    )
    tell(BoardReviewed, "board two", IN)
    tell(BoardReviewed, "board three", IN, OTHER_WARD)
    tell(BoardReviewed, "board three", LAST, OTHER_WARD)
    tell(BoardReviewed, "board four", IN, OTHER_WARD)
    tell(
        BoardConsolidated,
        "board four",
        IN + timedelta(days=9),
        OTHER_WARD,
        decision=DECISION,
        term_from=date(2024, 5, 1),
        term_to=date(2027, 5, 1),
        members=seats("head four"),
    )
    tell(BoardMemberEnded, "board four", LAST, OTHER_WARD, person=made("head four"), reason=Departure.MOVED)
    tell(BoardReviewed, "board five", FIRST, OTHER_WARD)
    tell(BoardReviewed, "board five", BEFORE, OTHER_WARD)


def beside_boards(tell: Book) -> None:
    tell(PartyCellLinked, "cell of two groups", BEFORE, group=group("g0"))
    tell(PartyCellLinked, "cell of two groups", BEFORE, group=group("g1"))
    tell(PartyCellLinked, "cell that left", IN, OTHER_WARD, group=group("g2"))
    tell(PartyCellUnlinked, "cell that left", LAST, OTHER_WARD, group=group("g2"))
    # It answers for a group without apartments.
    tell(PartyCellLinked, "cell elsewhere", BEFORE, THIRD_WARD, group=group("g3"))
    for body in GroupBody:
        tell(GroupBodyEstablished, f"g0 {body}", BEFORE, group=group("g0"), body=body)
    tell(GroupBodyEstablished, "g1 head", BEFORE, group=group("g1"), body=GroupBody.HEAD)
    tell(GroupBodyEstablished, "g1 front", BEFORE, group=group("g1"), body=GroupBody.FRONT_COMMITTEE)
    tell(GroupBodyEnded, "g1 front", IN)

    def regulate(name: str, on: date, *pairs: tuple[str, str]) -> None:
        listed = tuple(Pair(group=group(one), board=made(f"board {board}")) for one, board in pairs)
        tell(CoordinationRegulationIssued, name, on, pairs=listed)

    regulate("regulation", IN, ("g0", "one"), ("g1", "two"))
    regulate("lapsed regulation", BEFORE, ("g2", "three"))
    regulate("regulation with a board that ended", BEFORE, ("g2", "five"))
    tell(CoordinationRegulationLapsed, "lapsed regulation", LAST)
    tell(CoordinationRegulationEvaluated, "regulation", IN, finding=Finding.FIT)
    tell(CoordinationRegulationEvaluated, "regulation", LAST, finding=Finding.TO_BE_AMENDED)
    tell(CoordinationRegulationEvaluated, "regulation with a board that ended", BEFORE, finding=Finding.FIT)

    def overlap(name: str, on: date, resolved: date | None) -> None:
        said = {"group": group("g0"), "board": made("board one"), "topic": OverlapTopic.SECURITY}
        tell(OverlapIssueRaised, name, on, **said)
        if resolved:
            tell(OverlapIssueResolved, name, resolved)

    overlap("overlap from before", BEFORE, IN)
    overlap("overlap of the year", IN, None)
    overlap("overlap that came and went", FIRST, LAST)


def quarrels(tell: Book, during: int = 21, before: int = 24) -> None:
    for nth in range(during + before):
        on = FIRST + timedelta(days=nth) if nth < during else FIRST - timedelta(days=nth - during + 1)
        place = house("one") if nth % 2 else None
        said = {"building": place, "topic": ConflictTopic.FEES, "parties": Parties.RESIDENTS}
        tell(ConflictRecorded, f"conflict {nth}", on, **said)
        if nth % 3 == 0:
            tell(ConflictSettled, f"conflict {nth}", on + timedelta(days=20), settled_by=SettledBy.WARD)
    # On the last day before the days before.
    tell(
        ConflictRecorded,
        "conflict of old",
        FIRST - timedelta(days=366),
        building=None,
        topic=ConflictTopic.FEES,
        parties=Parties.RESIDENTS,
    )
    tell.of(petition_filed(made("petition"), house("one"), on=IN))
    tell(PetitionFlaggedComplex, "petition", IN, reason=Complexity.LONG_RUNNING)


def programme(tell: Book) -> None:
    tell(ConferenceHeld, "conference", LAST, DISTRICT, kind=ConferenceKind.REVIEW, reviewed=DECISION, invitations=())
    tell(
        ConferenceHeld, "other conference", AFTER, DISTRICT, kind=ConferenceKind.BRIEFING, reviewed=None, invitations=()
    )
    for nth in range(3):
        tell(SpeechRecorded, "conference", LAST, DISTRICT, bloc=Bloc.BOARD, topic=SpeechTopic.TRAINING)
        del nth
    tell(SpeechRecorded, "other conference", AFTER, DISTRICT, bloc=Bloc.BOARD, topic=SpeechTopic.TRAINING)
    for nth, recipient in enumerate((Recipient.COLLECTIVE, Recipient.COLLECTIVE, Recipient.INDIVIDUAL)):
        tell(CommendationDecided, f"commendation {nth}", LAST, DISTRICT, recipient=recipient, decision=DECISION)
    tell(CommendationDecided, "later commendation", AFTER, DISTRICT, recipient=Recipient.INDIVIDUAL, decision=DECISION)

    def teach(name: str, on: date, topics: Sequence[TrainingTopic], *heads: str) -> None:
        tell(TrainingHeld, name, on, DISTRICT, topics=tuple(topics), attended=tuple(map(made, heads)))

    teach("class of fire", BEFORE, [TrainingTopic.FIRE], "new head one", "head three")
    teach("class of rescue", IN, [TrainingTopic.RESCUE, TrainingTopic.OPERATION], "new head one", "head two")
    teach("class of all", LAST, [TrainingTopic.FIRE, TrainingTopic.RESCUE], "head four", "head one")
    teach("class too late", AFTER, [TrainingTopic.FIRE, TrainingTopic.RESCUE], "head three")

    for name, on in (("inspection", FIRST), ("other inspection", LAST), ("old inspection", BEFORE)):
        tell(InspectionConducted, name, on, building=house("one"), topic=InspectionTopic.FIRE_SAFETY)
    for name, on in (("decided", FIRST), ("remedied late", IN), ("old", BEFORE)):
        tell(ViolationRecorded, name, on, building=house("one"), inspection=made("inspection"), code=ViolationCode.FUND)
    tell(ViolationDecided, "decided", LAST, decision=DECISION)
    tell(ViolationRemedied, "decided", AFTER)
    tell(ViolationRemedied, "remedied late", AFTER)
    tell(ViolationDecided, "old", IN, decision=DECISION)


def the_year() -> Book:
    tell = Book()
    for part in (places, managed, beside_boards, quarrels, programme):
        part(tell)
    return tell


COUNTED = {
    "LB-01": 4,
    "LB-02": "2/3",
    "LB-03": 3,
    "LB-04": 1,
    "LB-05": 1,
    "LB-06": 4,
    "LB-06a": 2,
    "LB-06b": 2,
    "LB-13": 3,
    "LB-14a": 2,
    "LB-14b": 1,
    "LB-15": "−12,50 % (21/24)",
    "LB-15a": 21,
    "LB-15b": 24,
    "LB-16": 1,
    "LB-17a": 2,
    "LB-17b": 2,
    "LB-17c": 1,
    "LB-18": "50,00 % (2/4)",
    "LB-18c": 1,
    "LB-19": "33,33 % (1/3)",
    "LB-19c": 2,
    "LB-20a": 2,
    "LB-20b": 2,
    "LB-20c": 1,
    "LB-21": "75,00 % (3/4)",
    "LB-22a": 1,
    "LB-22b": 1,
    "LB-22c": 2,
    "LB-22d": 2,
    "LB-22e": 2,
    "LB-22f": 2,
    "LB-22g": 2,
    "LB-22h": 1,
}
"""By line, what a person counts who reads the facts above."""


def deliveries(events: Iterable[Told[Any]]) -> list[Delivery]:
    return [Delivery(one.body, one.type.partition(".")[0]) for one in events]


async def heard(database: Database, events: Iterable[Told[Any]]) -> Database:
    await consumers.settle(database, deliveries(events))
    return database


@pytest.fixture(scope="module")
def year() -> list[Told[Any]]:
    return the_year().events


@pytest.fixture
async def reporting(database: Fresh, year: list[Told[Any]]) -> Database:
    return await heard(await database("reporting"), year)


async def all_known(database: Database, position: int | None, unit: str = "Q004", days: Period = YEAR) -> Known:
    async with database.transaction(snapshot=True) as tx:
        asking = Asking(tx, position)
        place = await asking.unit(unit)
        assert place is not None
        return await known.known(asking, ORDINARY, place, days, position or 0, None)


ORDINARY = [code for code in reports()["thong-tri-05"].lines if not indicators()[code].restricted]


async def lines(
    database: Database, position: int | None = None, unit: str = "Q004", days: Period = YEAR
) -> dict[str, dict[str, Any]]:
    given = await all_known(database, position, unit, days)
    return {code: line(indicators()[code], indicators(), given) for code in ORDINARY}


async def differences(database: Database) -> list[Any]:
    async with database.transaction() as tx:
        return await entries.differences(tx)


async def position_of(database: Database) -> int:
    async with database.transaction() as tx:
        return int(await tx.value("SELECT position FROM reader"))


async def test_each_line_is_what_a_person_counts(reporting: Database) -> None:
    shown = await lines(reporting)

    assert {code: one["display"] for code, one in shown.items()} == {code: str(of) for code, of in COUNTED.items()}
    assert await differences(reporting) == []


async def test_parts_lie_where_their_bearers_lie(reporting: Database) -> None:
    shown = await lines(reporting)

    def parts(code: str) -> dict[str, int]:
        return {part["key"]: part["computed"] for part in shown[code]["parts"] if part["computed"]}

    assert parts("LB-06a") == {OTHER_WARD_ID: 2}
    assert parts("LB-06b") == {WARD_ID: 1, OTHER_WARD_ID: 1}
    assert parts("LB-18c") == {WARD_ID: 1}
    assert parts("LB-22a") == {OTHER_WARD_ID: 1}
    assert parts("LB-14a") == {"Q004": 2}
    assert [part["name"] for part in shown["LB-14a"]["parts"]][-1] == "Đơn vị minh họa Q004"


async def test_conflicts_are_also_said_per_thousand_apartments(reporting: Database) -> None:
    shown = await lines(reporting)

    assert shown["LB-15a"]["rate"] == {"value": 23.33, "per": 1000, "base": 900, "display": "23,33 ‰ (21/900)"}
    assert shown["LB-15b"]["rate"]["display"] == "26,67 ‰ (24/900)"


@pytest.mark.parametrize(("during", "before"), [(19, 24), (21, 19), (0, 0)])
async def test_no_word_of_decrease_below_twenty_cases(database: Fresh, during: int, before: int) -> None:
    tell = Book()
    places(tell)
    quarrels(tell, during, before)

    shown = await lines(await heard(await database("reporting"), tell.events))

    assert (shown["LB-15"]["computed"], shown["LB-15"]["display"]) == (None, f"— ({during}/{before})")


async def test_live_is_as_known_now_and_each_line_can_be_explained(reporting: Database) -> None:
    live, then = await lines(reporting), await lines(reporting, await position_of(reporting))

    assert live == then
    async with reporting.transaction(snapshot=True) as tx:
        for position in (None, await position_of(reporting)):
            asking = Asking(tx, position)
            for code in ORDINARY:
                for one in (indicators()[part] for part in indicators()[code].of or (code,)):
                    rows = await asking.explain(one, DISTRICT, YEAR)
                    figure = await asking.figure(one, DISTRICT, YEAR)
                    keys = {row["unit"] if one.counts == "unit" else row["key"] for row in _standing(rows)}
                    assert len(keys) == figure.whole, code


def _standing(rows: Sequence[Any]) -> list[Any]:
    """Return the rows whose keys are not taken back by others."""
    left: dict[tuple[str, str], int] = {}
    for row in rows:
        left[row["key"], row["unit"]] = left.get((row["key"], row["unit"]), 0) + row["sign"]
    return [row for row in rows if left[row["key"], row["unit"]] > 0]


async def test_of_a_ward_the_ward_alone_is_counted(reporting: Database) -> None:
    mine, others = await lines(reporting, unit=WARD_ID), await lines(reporting, unit=OTHER_WARD_ID)

    assert (mine["LB-05"]["computed"], others["LB-05"]["computed"]) == (1, 0)
    assert (mine["LB-18"]["display"], others["LB-18"]["display"]) == ("100,00 % (2/2)", "0,00 % (0/2)")
    assert mine["LB-15a"]["computed"] == 21


async def test_a_group_and_a_board_are_a_pair_also_where_the_building_lies_in_the_next_ward(
    reporting: Database,
) -> None:
    """A group on the border has people in a building that lies beyond it; live and as known count the same."""
    before = (await lines(reporting, unit=WARD_ID))["LB-18"]["denominator"]
    across = BuildingLinkedToResidentialGroup(subject=str(house("three")), unit=OTHER_WARD, on=IN, group=group("g0"))
    await heard(reporting, [told(across, 20)])

    live = await lines(reporting, unit=WARD_ID)
    then = await lines(reporting, await position_of(reporting), unit=WARD_ID)

    assert live == then
    assert live["LB-18"]["denominator"] == before + 1


@pytest.mark.parametrize(
    ("last", "heads", "pairs"),
    [
        # The term of the fifth board ends with the day before the last; the fourth loses its head on the last.
        (date(2026, 6, 28), (2, 5), (4, 5)),
        (date(2026, 6, 29), (2, 5), (4, 5)),
        (LAST, (1, 3), (2, 4)),
    ],
)
async def test_a_board_is_in_force_through_the_last_day_of_its_term(
    reporting: Database, last: date, heads: tuple[int, int], pairs: tuple[int, int]
) -> None:
    shown = await lines(reporting, days=Period(FIRST, last))

    assert shown["LB-19"]["denominator"] == heads[1]
    assert (shown["LB-18"]["numerator"], shown["LB-18"]["denominator"]) == pairs


async def test_a_closed_board_is_in_force_no_more(reporting: Database) -> None:
    closed = told(BoardClosed(subject=str(made("board one")), unit=WARD, on=LAST, reason=Closure.DISSOLVED), 3)

    await heard(reporting, [closed])

    shown = await lines(reporting)
    assert (shown["LB-18"]["display"], shown["LB-19"]["display"]) == ("33,33 % (1/3)", "0,00 % (0/2)")
    assert shown["LB-06"]["computed"] == 4


async def test_a_correction_moves_the_number_and_no_earlier_answer(reporting: Database, year: list[Told[Any]]) -> None:
    position = await position_of(reporting)
    before = await lines(reporting)
    (formed,) = (one for one in year if one.type == "boards.board_formed.v1" and one.subject == str(made("board two")))
    earlier = formed.event.model_copy(update={"on": BEFORE})

    await heard(reporting, [told(earlier, 9, corrects=formed.id)])

    now = await lines(reporting)
    # It was formed before the year, and so its review counts.
    assert (now["LB-05"]["computed"], now["LB-06"]["computed"], now["LB-06a"]["computed"]) == (0, 5, 3)
    assert await lines(reporting, position) == before
    assert await differences(reporting) == []


async def test_edge_case_35_redelivery_and_order(database: Fresh, year: list[Told[Any]]) -> None:
    """Every event twice, shuffled, in batches of any size: the same lines, the same entries, nothing to mend."""
    seen = []
    for seed in range(6):
        fresh, dice = await database("reporting"), random.Random(seed)
        events = dice.sample([*year, *year], 2 * len(year))
        while events:
            size = dice.randint(1, 60)
            await heard(fresh, events[:size])
            events = events[size:]
        assert await differences(fresh) == []
        async with fresh.transaction() as tx:
            kept = await tx.fetch(
                "SELECT * FROM entries ORDER BY kind, bearer, subject, on_day, sign, event, attributes::text"
            )
            assert (await entries.counts(tx))[0] == len(year)
        seen.append(([tuple(row) for row in kept], await lines(fresh)))

    assert all(one == seen[0] for one in seen)
    assert {code: one["display"] for code, one in seen[0][1].items()} == {c: str(of) for c, of in COUNTED.items()}


async def test_edge_case_37_two_decisions_with_symbol_05(database: Fresh) -> None:
    """A fact is known by its own id and never by its paper's symbol: two papers called 05 make two, each with its own."""
    tell = Book()
    for path in (CITY, DISTRICT, WARD):
        tell.of(unit_established(path))
    issuers = ("Ban Bí thư (minh họa)", "Bộ Xây dựng (minh họa)")
    for name, issuer in zip(("one", "two"), issuers, strict=True):
        paper = Document(symbol="05", date=IN, issuer=issuer)
        formed = board_formed(made(f"board {name}"), house(name), on=IN).model_copy(update={"decision": paper})
        tell.of(building_registered(house(name), on=BEFORE))
        tell.of(formed, document=paper)

    fresh = await heard(await database("reporting"), tell.events)

    async with fresh.transaction() as tx:
        made_of = await Asking(tx, None).explain(indicators()["LB-05"], DISTRICT, YEAR)
    papers = [Document.model_validate_json(row["document"]) for row in made_of]
    assert (await lines(fresh))["LB-05"]["computed"] == 2
    assert {paper.symbol for paper in papers} == {"05"}
    assert sorted(paper.issuer for paper in papers) == sorted(issuers)


async def test_edge_case_39_ward_without_apartments(reporting: Database) -> None:
    """A ward without apartments counts in the denominator and nowhere above it."""
    shown = (await lines(reporting))["LB-02"]

    assert (shown["numerator"], shown["denominator"]) == (2, 3)
    (part,) = (part for part in shown["parts"] if part["key"] == THIRD_WARD_ID)
    assert (part["numerator"], part["denominator"]) == (0, 1)


@pytest.mark.parametrize(("opened", "computed"), [(date(2025, 7, 1), 0), (date(2026, 3, 1), None)])
async def test_edge_case_40_zero_or_unknown_register_opened_on_1_march(
    database: Fresh, opened: date, computed: int | None
) -> None:
    """Nothing was found; whether that is zero depends on since when anybody looked."""
    tell = Book()
    for path in (CITY, DISTRICT, WARD):
        tell.of(unit_established(path))
    tell(boards.RegisterOpened, "kept", opened, register_kept=Register.PETITIONS)
    tell(boards.RegisterConfirmed, "kept", AFTER, register_kept=Register.PETITIONS, through=LAST)

    given = await all_known(await heard(await database("reporting"), tell.events), None)
    (shown,), _ = with_issues(reports()["thong-tri-05"], ("LB-16",), indicators(), given)

    assert shown["computed"] == computed
    since = [one["since"] for one in shown["issues"] if one["rule"] == "DQ-16"]
    assert since == ([opened] if computed is None else [])
    assert all("từ 01/03/2026" in one["message"]["vi"] for one in shown["issues"] if one["rule"] == "DQ-16")


async def test_sums_and_entries_agree_for_any_days(reporting: Database) -> None:
    position, dice = await position_of(reporting), random.Random(5)
    additive = [one for one in indicators().values() if one.kept_in_aggregates]

    async with reporting.transaction(snapshot=True) as tx:
        for _ in range(12):
            begin, end = sorted(date(2024, 1, 1) + timedelta(days=dice.randint(0, 1100)) for _ in range(2))
            for one in additive:
                live = await Asking(tx, None).figure(one, DISTRICT, Period(begin, end))
                assert live == await Asking(tx, position).figure(one, DISTRICT, Period(begin, end)), (
                    one.code,
                    begin,
                    end,
                )
    assert len(additive) > 15


async def test_every_text_names_the_kinds_it_gives(reporting: Database) -> None:
    """What is asked as known leaves out the texts that do not name the kinds asked of."""
    seen = set()
    async with reporting.transaction() as tx:
        for name, text in entry_texts().items():
            rows = await tx.fetch(f"WITH facts AS ({entries.facts()}) SELECT DISTINCT kind FROM ({text}) AS t")
            assert {row["kind"] for row in rows} <= entries.literals(text), name
            seen |= {row["kind"] for row in rows}
    assert len(seen) > 20


def test_lines_kept_in_sums_ask_of_nothing_but_entries() -> None:
    for one in indicators().values():
        if one.kept_in_aggregates:
            assert "standing" not in one.select, one.code
            assert "period" not in one.select, one.code
        assert (one.kind is Kind.RATIO) == (not one.select), one.code
