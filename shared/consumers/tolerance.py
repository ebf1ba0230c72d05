"""What another system wrote into a message's properties must not end our connection.

pamqp gives up a whole frame for a property that it cannot decode (a time in microseconds, text that is no UTF-8), and
aiormq then the connection. The broker brings the same message again: nothing after it would ever be heard.
"""

from contextlib import suppress

from pamqp import decode
from pamqp.base import BasicProperties

_read = BasicProperties.unmarshal


def tolerate() -> None:
    """Read text with a mark for what is no UTF-8, and of properties those before the one that cannot be read."""
    decode.METHODS["shortstr"] = _text
    BasicProperties.unmarshal = _as_far_as_possible  # type: ignore[method-assign]


def _text(value: bytes) -> tuple[int, str]:
    end = value[0] + 1
    return end, value[1:end].decode(errors="replace")


def _as_far_as_possible(self: BasicProperties, flags: int, data: bytes) -> None:
    with suppress(ValueError, OverflowError, OSError):
        _read(self, flags, data)
