"""The ledger: every command that was answered is followed to the last place it must reach, and what is wrong is named.

Judging is pure: `Books` say what was found, `judge` says what does not fit. Whoever reads the books is elsewhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong; each is a column of the table, and none may be above nothing."""

    LOST = "lost"
    TWICE = "applied_twice"
    ORDER = "out_of_order"
    STUCK = "stuck"
    CURSOR = "cursor_back"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that was answered 2xx, by what the answer said."""

    id: str
    service: str
    type: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Logged:
    """A row of a service's log; without a number where the relay has not come to it."""

    id: str
    type: str
    subject: str
    version: int
    logseq: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is sent to somebody: how far it has come."""

    id: str
    event: str
    to: str
    channel: str
    status: str


@dataclass(slots=True)
class Books:
    """What was found in the databases, queues and letter boxes of an installation that has come to rest."""

    log: dict[str, list[Logged]] = field(default_factory=dict)
    """Each service's log."""
    sent: dict[str, int] = field(default_factory=dict)
    """Through which number the broker has confirmed it."""
    must_hear: dict[str, frozenset[str]] = field(default_factory=dict)
    """Each reader, and the types it hears."""
    heard: dict[str, list[str]] = field(default_factory=dict)
    """Each reader's inbox, or journal."""
    leaves: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    """Each reader's tables with a row per event, and the types that must leave one."""
    state: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """What those tables hold."""
    unlike: list[str] = field(default_factory=list)
    """Things whose state is not what their events add up to, in the order of their versions."""
    missing_figures: list[str] = field(default_factory=list)
    """Entries and sums of the report that are too few."""
    surplus_figures: list[str] = field(default_factory=list)
    """Entries and sums of the report that are too many."""
    holes: list[str] = field(default_factory=list)
    """Numbers of a log that the report still misses."""
    parked: dict[str, set[str]] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)
    """Messages in each queue, delivered and not acknowledged or not delivered at all."""
    undecided: list[str] = field(default_factory=list)
    """Notices that wait although everything is known."""
    announces: frozenset[str] = frozenset()
    """Types of which somebody must be told."""
    channels: tuple[str, ...] = ()
    """Over what that person is told."""
    deliveries: list[Delivery] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    """Ids of the deliveries whose letters arrived at the other end."""
    cursors_back: list[str] = field(default_factory=list)
    """Cursors that were seen to decrease."""


@dataclass(slots=True)
class Verdict:
    """What is wrong, by kind; each named so that it can be looked for, and counted once."""

    wrong: dict[Fault, set[str]] = field(default_factory=lambda: {fault: set() for fault in Fault})
    duplicate_letters: int = 0

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not any(self.wrong.values())

    def count(self, fault: Fault) -> int:
        """Return how many things are wrong in this way."""
        return len(self.wrong[fault])

    def less(self, known: "Verdict") -> "Verdict":
        """Return what is wrong and was not known to be before."""
        return Verdict({fault: found - known.wrong[fault] for fault, found in self.wrong.items()})


def judge(accepted: Iterable[Accepted], books: Books, parked_on_purpose: Mapping[str, set[str]]) -> Verdict:
    """Follow what was accepted through the books, and everything else that was told as well."""
    verdict = Verdict()
    wrong = verdict.wrong
    asked = list(accepted)
    wrong[Fault.LOST].update(_not_logged(asked, books))
    wrong[Fault.LOST].update(_not_heard(books, parked_on_purpose))
    wrong[Fault.LOST].update(_left_no_trace(books))
    wrong[Fault.LOST].update(_not_told_of(books))
    wrong[Fault.LOST].update(f"too few in the report: {one}" for one in books.missing_figures)
    wrong[Fault.TWICE].update(_decided_twice(asked, books))
    wrong[Fault.TWICE].update(_heard_twice(books))
    wrong[Fault.TWICE].update(_told_twice(books))
    wrong[Fault.TWICE].update(f"too many in the report: {one}" for one in books.surplus_figures)
    wrong[Fault.ORDER].update(_versions_out_of_order(books))
    wrong[Fault.ORDER].update(f"not what its events add up to: {one}" for one in books.unlike)
    wrong[Fault.STUCK].update(_stuck(books, parked_on_purpose))
    wrong[Fault.CURSOR].update(books.cursors_back)
    verdict.duplicate_letters = len(books.letters) - len(set(books.letters))
    return verdict


def _not_logged(accepted: Iterable[Accepted], books: Books) -> Iterator[str]:
    """Follow a command from its answer to the log: the same event, of the same subject, at the same version."""
    rows = {row.id: row for log in books.log.values() for row in log}
    for one in accepted:
        row = rows.get(one.id)
        if row is None or (row.type, row.subject, row.version) != (one.type, one.subject, one.version):
            yield f"answered and not in the log of {one.service}: {one.type} {one.id}"


def _not_heard(books: Books, parked_on_purpose: Mapping[str, set[str]]) -> Iterator[str]:
    for reader, types in books.must_hear.items():
        # What is parked is stuck, not lost, unless somebody parked it on purpose.
        has = set(books.heard.get(reader, [])) | books.parked.get(reader, set()) | parked_on_purpose.get(reader, set())
        for service, log in books.log.items():
            yield from (
                f"told by {service} and not heard by {reader}: {row.type} {row.id}"
                for row in log
                if row.type in types and row.id not in has
            )


def _left_no_trace(books: Books) -> Iterator[str]:
    for reader, tables in books.leaves.items():
        heard = set(books.heard.get(reader, []))
        for table, types in tables.items():
            left = set(books.state.get(reader, {}).get(table, []))
            yield from (
                f"heard by {reader} and not in {table}: {row.type} {row.id}"
                for log in books.log.values()
                for row in log
                if row.type in types and row.id in heard and row.id not in left
            )


def _not_told_of(books: Books) -> Iterator[str]:
    """Follow an event that somebody must be told of to the delivery, and the letter to the other end."""
    decided = {(one.event, one.channel) for one in books.deliveries}
    for log in books.log.values():
        for row in log:
            if row.type in books.announces:
                for channel in books.channels:
                    if (row.id, channel) not in decided:
                        yield f"nobody is told by {channel} of {row.type} {row.id}"
    arrived = set(books.letters)
    for one in books.deliveries:
        if one.channel == "EMAIL" and one.status == "SENT" and one.id not in arrived:
            yield f"sent and not arrived: letter {one.id}"
        if one.status == "FAILED":
            yield f"given up: {one.channel} {one.id}"


def _decided_twice(accepted: Iterable[Accepted], books: Books) -> Iterator[str]:
    """A command repeated because its answer was lost must not decide again: here each is a type and a subject."""
    asked = {(one.type, one.subject) for one in accepted}
    times = Counter((row.type, row.subject) for log in books.log.values() for row in log)
    yield from (f"decided {times[one]} times: {one[0]} of {one[1]}" for one in asked if times[one] > 1)


def _heard_twice(books: Books) -> Iterator[str]:
    for reader, events in books.heard.items():
        yield from (f"heard twice by {reader}: {event}" for event, times in Counter(events).items() if times > 1)
    for reader, tables in books.state.items():
        for table, events in tables.items():
            yield from (
                f"applied twice by {reader} to {table}: {event}"
                for event, times in Counter(events).items()
                if times > 1
            )


def _told_twice(books: Books) -> Iterator[str]:
    """Somebody told twice: two deliveries of one event, or a letter that no delivery accounts for."""
    times = Counter((one.event, one.to, one.channel) for one in books.deliveries)
    yield from (f"told twice by {channel} of {event}" for (event, _, channel), n in times.items() if n > 1)
    known = {one.id for one in books.deliveries}
    yield from (f"a letter that no delivery accounts for: {one}" for one in set(books.letters) - known)


def _versions_out_of_order(books: Books) -> Iterator[str]:
    for service, log in books.log.items():
        versions: dict[str, list[int]] = defaultdict(list)
        for row in sorted((row for row in log if row.logseq is not None), key=lambda row: row.logseq or 0):
            versions[row.subject].append(row.version)
        for subject, told in versions.items():
            if told != list(range(1, len(told) + 1)):
                yield f"told by {service} in the order {told}: {subject}"


def _stuck(books: Books, parked_on_purpose: Mapping[str, set[str]]) -> Iterator[str]:
    for service, log in books.log.items():
        sent = books.sent.get(service, 0)
        yield from (
            f"not sent by {service}: {row.type} {row.id}" for row in log if row.logseq is None or row.logseq > sent
        )
    yield from (f"{count} messages left in {queue}" for queue, count in books.queued.items() if count)
    for reader, events in books.parked.items():
        yield from (f"parked by {reader}: {one}" for one in events - parked_on_purpose.get(reader, set()))
    for reader, on_purpose in parked_on_purpose.items():
        gone = on_purpose - books.parked.get(reader, set())
        yield from (f"neither applied nor parked by {reader}: {one}" for one in gone)
    yield from (f"not decided: notice {one}" for one in books.undecided)
    yield from (f"not delivered: {one.channel} {one.id}" for one in books.deliveries if one.status == "DUE")
    yield from (f"missing in the report: {one}" for one in books.holes)
