"""When entries and sums are compared with what they are derived from: every night."""

from datetime import datetime, time, timedelta

from shared.caller import HANOI

NIGHT = time(2, tzinfo=HANOI)
"""When hardly anybody asks."""


def last_night(now: datetime) -> datetime:
    """Return the latest moment by which a comparison was due; one begun before it is too old."""
    tonight = datetime.combine(now.astimezone(HANOI), NIGHT)
    return tonight if tonight <= now else tonight - timedelta(days=1)
