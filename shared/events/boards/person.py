"""Facts about people that may be told in the open: that somebody is to be forgotten."""

from shared.events.base import Event


class PersonErased(Event):
    """A person's data are erased from this day; whoever keeps any destroys them."""
