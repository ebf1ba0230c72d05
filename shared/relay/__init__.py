"""The conveyor from the log to the bus: numbers what is settled, publishes it, remembers what was confirmed."""

from shared.relay.leading import LEASE, WINDOW, WITHIN, Relay
from shared.relay.publishing import Outgoing, PublishingChannel
from shared.relay.reading import NUMBER, UNSENT

__all__ = ["LEASE", "NUMBER", "UNSENT", "WINDOW", "WITHIN", "Outgoing", "PublishingChannel", "Relay"]
