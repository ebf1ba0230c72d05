"""The conveyor from the log to the bus: numbers what is settled, publishes it, remembers what was confirmed."""

from shared.relay.leading import LEASE, WINDOW, Relay
from shared.relay.reading import NUMBER, UNSENT

__all__ = ["LEASE", "NUMBER", "UNSENT", "WINDOW", "Relay"]
