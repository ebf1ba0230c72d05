"""The ledger finds what is wrong: every verdict is seen to turn red, and only the one that is meant."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from ops.services import SERVICES
from tests.chaos.books import LEAVES
from tests.chaos.ledger import Accepted, Books, Delivery, Fault, Logged, judge
from tests.chaos.watch import Watch

FILED, FLAGGED, REGISTERED = (
    "boards.petition_filed.v1",
    "boards.petition_flagged_complex.v1",
    "buildings.building_registered.v1",
)
ON_PURPOSE = {"notifications": {"poison"}}
ACCEPTED = [
    Accepted("b1", "buildings", REGISTERED, "building", 1),
    Accepted("p1", "boards", FILED, "petition", 1),
    Accepted("p2", "boards", FLAGGED, "petition", 2),
]


def books() -> Books:
    """Return the books of a day on which all went well."""
    return Books(
        log={
            "buildings": [Logged("b1", REGISTERED, "building", 1, 1)],
            "boards": [Logged("p1", FILED, "petition", 1, 1), Logged("p2", FLAGGED, "petition", 2, 2)],
        },
        sent={"buildings": 1, "boards": 2},
        must_hear={
            "boards": frozenset({REGISTERED}),
            "notifications": frozenset({REGISTERED, FILED}),
            "reporting": frozenset({REGISTERED, FILED, FLAGGED}),
        },
        heard={"boards": ["b1"], "notifications": ["p1", "b1"], "reporting": ["p2", "b1", "p1"]},
        leaves={
            "boards": {"building_registered": frozenset({REGISTERED})},
            "notifications": {"occasion": frozenset({FILED})},
        },
        state={"boards": {"building_registered": ["b1"]}, "notifications": {"occasion": ["p1"]}},
        parked={"notifications": {"poison"}},
        queued={"chaos.boards": 0, "chaos.reporting": 0},
        announces=frozenset({FILED}),
        channels=("INBOX", "EMAIL"),
        deliveries=[
            Delivery("d1", "p1", "somebody", "INBOX", "SENT"),
            Delivery("d2", "p1", "somebody", "EMAIL", "SENT"),
        ],
        letters=["d2"],
    )


def test_a_day_on_which_all_went_well_is_green() -> None:
    assert judge(ACCEPTED, books(), ON_PURPOSE).holds


def test_a_letter_that_came_twice_under_one_id_is_counted_and_not_wrong() -> None:
    found = books()
    found.letters.append("d2")

    verdict = judge(ACCEPTED, found, ON_PURPOSE)

    assert verdict.holds
    assert verdict.duplicate_letters == 1


def _told(found: Books, row: Logged) -> None:
    """Let boards tell one event more, which the report hears."""
    found.log["boards"].append(row)
    found.sent["boards"] = 3
    found.heard["reporting"].append(row.id)
    found.must_hear["reporting"] |= {row.type}


def _renumber(found: Books) -> None:
    found.log["boards"][1] = Logged("p2", FLAGGED, "petition", 1, 2)
    found.log["boards"][0] = Logged("p1", FILED, "another", 1, 1)


def _swap(found: Books) -> None:
    found.log["boards"] = [Logged("p1", FILED, "petition", 1, 2), Logged("p2", FLAGGED, "petition", 2, 1)]


Spoil = Callable[[Books], object]
WRONG: dict[str, tuple[Fault, Spoil]] = {
    "answered and not logged": (Fault.LOST, lambda b: b.log["boards"].pop()),
    "logged as another version": (
        Fault.LOST,
        _renumber,
    ),
    "not heard": (Fault.LOST, lambda b: b.heard["reporting"].remove("p2")),
    "heard and left no trace": (Fault.LOST, lambda b: b.state["boards"]["building_registered"].clear()),
    "nobody told": (Fault.LOST, lambda b: b.deliveries.pop(0)),
    "sent and not arrived": (Fault.LOST, lambda b: b.letters.clear()),
    "given up": (
        Fault.LOST,
        lambda b: b.deliveries.__setitem__(0, Delivery("d1", "p1", "somebody", "INBOX", "FAILED")),
    ),
    "too few in the report": (Fault.LOST, lambda b: b.missing_figures.append("sum")),
    "decided twice": (Fault.TWICE, lambda b: _told(b, Logged("p3", FLAGGED, "petition", 3, 3))),
    "heard twice": (Fault.TWICE, lambda b: b.heard["reporting"].append("p1")),
    "applied twice": (Fault.TWICE, lambda b: b.state["notifications"]["occasion"].append("p1")),
    "delivered twice": (Fault.TWICE, lambda b: b.deliveries.append(Delivery("d3", "p1", "somebody", "INBOX", "SENT"))),
    "a letter of nobody": (Fault.TWICE, lambda b: b.letters.append("d9")),
    "too many in the report": (Fault.TWICE, lambda b: b.surplus_figures.append("sum")),
    "told in the wrong order": (Fault.ORDER, _swap),
    "a version left out": (
        Fault.ORDER,
        lambda b: _told(b, Logged("p4", "boards.petition_resolved.v1", "petition", 4, 3)),
    ),
    "state unlike its events": (Fault.ORDER, lambda b: b.unlike.append("petition")),
    "not numbered": (Fault.STUCK, lambda b: _told(b, Logged("x1", "other", "x", 1, None))),
    "not sent": (Fault.STUCK, lambda b: b.sent.update(boards=1)),
    "left in a queue": (Fault.STUCK, lambda b: b.queued.update({"chaos.boards": 3})),
    "parked": (Fault.STUCK, lambda b: b.parked["notifications"].add("p1")),
    "poison gone": (Fault.STUCK, lambda b: b.parked["notifications"].clear()),
    "notice not decided": (Fault.STUCK, lambda b: b.undecided.append("1")),
    "letter not sent": (
        Fault.STUCK,
        lambda b: b.deliveries.__setitem__(1, Delivery("d2", "p1", "somebody", "EMAIL", "DUE")),
    ),
    "missing in the report": (Fault.STUCK, lambda b: b.holes.append("boards no. 2")),
    "cursor back": (Fault.CURSOR, lambda b: b.cursors_back.append("boards relay.sent: 2 → 1")),
}


@pytest.mark.parametrize("how", WRONG)
def test_what_is_wrong_is_found_and_named_by_its_kind(how: str) -> None:
    fault, spoil = WRONG[how]
    found = deepcopy(books())
    spoil(found)

    verdict = judge(ACCEPTED, found, ON_PURPOSE)

    assert {kind for kind, names in verdict.wrong.items() if names} == {fault}
    assert verdict.count(fault) >= 1
    assert not verdict.holds


def test_what_was_wrong_before_is_not_counted_against_the_next_row() -> None:
    found = books()
    found.heard["reporting"].remove("p2")
    before = judge(ACCEPTED, found, ON_PURPOSE)
    found.heard["reporting"].remove("p1")

    assert judge(ACCEPTED, found, ON_PURPOSE).less(before).count(Fault.LOST) == 1
    assert before.less(before).holds


def test_a_cursor_that_goes_back_is_seen_and_one_that_stands_is_not() -> None:
    watch = Watch(str, list)
    for value in (3, 5, 5, 9):
        watch.look("boards", "relay.sent", value)
    watch.look("boards", "relay.numbered", 4)
    went_on = list(watch.back)
    watch.look("boards", "relay.sent", 8)

    assert went_on == []
    assert watch.back == ["boards relay.sent: 9 → 8"]


def test_what_a_crashed_database_forgets_is_forgiven_to_relays_and_not_to_readers() -> None:
    watch = Watch(str, list)
    watch.look("reporting", "relay.sent", 9)
    watch.look("reporting", "reader.position", 9)
    watch.forgive_relays()
    watch.look("reporting", "relay.sent", 8)
    watch.look("reporting", "reader.position", 8)

    assert watch.back == ["reporting reader.position: 9 → 8"]


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "reporting"])
def test_every_event_that_a_reader_hears_is_looked_for_in_its_tables(service: str) -> None:
    heard = {event.type for event in SERVICES[service].consumers.hears}

    assert set().union(*LEAVES[service].values()) == heard
