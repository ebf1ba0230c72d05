"""What keeping registers means, for every service that keeps some; each tells these facts as its own."""

from datetime import date

from shared.events.base import Event, Register, Text


class RegisterOpened(Event):
    """A unit began to keep a register on this day."""

    register_kept: Register


class RegisterConfirmed(Event):
    """A unit confirmed that its register is complete through this day, inclusive."""

    register_kept: Register
    through: date


class TakeoverOpened(Event):
    """A batch was opened to enter old paper: its document and its answerable person are the envelope's."""

    name: Text
