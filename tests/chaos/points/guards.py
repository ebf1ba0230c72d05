"""The guards of the conveyor, each with the words that make it one: taken out, something must turn red."""

from dataclasses import dataclass


class NotFound(AssertionError):
    """The source no longer says what the guard was known by: find it again, lest nothing be broken."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: the module it stands in, its words, and what stands there when it is taken out."""

    module: str
    words: str
    instead: str

    def taken_out(self, source: str) -> str:
        """Return a source without the guard; refuse one that has it not exactly once."""
        if source.count(self.words) != 1:
            raise NotFound(f"{self.module}: {self.words!r} is there {source.count(self.words)} times")
        return source.replace(self.words, self.instead)


GUARDS = {
    "inbox": Guard(
        "shared.consumers.hearing",
        'return {row["event"] for row in rows}',
        "return {one.told.id for one in events}",
    ),
    "contiguous": Guard(
        "shared.consumers.batching",
        "basic_ack(last, multiple=True)",
        "basic_ack(max(last, *self._waiting, last), multiple=True)",
    ),
    "channel": Guard(
        "shared.consumers.batching",
        "if channel in self._left:",
        "if channel in ():",
    ),
    "reader": Guard(
        "services.reporting.store.journal",
        "SELECT position, derived_by FROM reader FOR UPDATE",
        "SELECT position, derived_by FROM reader",
    ),
    "topology": Guard(
        "shared.relay.leading",
        "await topology.declare(",
        "(lambda *_: None)(",
    ),
}
LOCK_WITHOUT_AN_ID = Guard(
    "event_log_lock",
    "PERFORM pg_advisory_xact_lock(hashtextextended('subject:' || one, 0));",
    "INSERT INTO lockable VALUES (one) ON CONFLICT DO NOTHING; PERFORM FROM lockable AS l WHERE l.subject = one FOR UPDATE;",
)
LOCK_FIRST = Guard("event_log_lock", "IF pg_current_xact_id_if_assigned() IS NOT NULL THEN", "IF false THEN")
"""These two stand in a function of the database."""
