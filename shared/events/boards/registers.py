"""Facts about the registers that units keep of boards and petitions, and about taking over old paper."""

from shared.events import registers


class RegisterOpened(registers.RegisterOpened):
    """A unit began to keep a register on this day."""


class RegisterConfirmed(registers.RegisterConfirmed):
    """A unit confirmed that its register is complete through this day, inclusive."""


class TakeoverOpened(registers.TakeoverOpened):
    """A batch was opened to enter old paper: its document and its answerable person are the envelope's."""
