"""How a stream of arrivals went."""

FROM, TO = 0.1, 0.9
"""The steady part: from the first tenth that arrived to the last but one."""


class Flow:
    """How many had arrived at which moments, and when the telling side was done."""

    def __init__(self, count: int) -> None:
        """Expect so many."""
        self.count = count
        self.samples: list[tuple[float, int]] = []
        self.told_at = 0.0
        self.spent: dict[str, float] = {}

    def note(self, moment: float, arrived: int) -> bool:
        """Note how many have arrived; return whether all have."""
        self.samples.append((moment, arrived))
        return arrived >= self.count

    def at(self, arrived: float) -> float:
        """Return the moment by which so many had arrived."""
        before = self.samples[0]
        for moment, number in self.samples:
            if number >= arrived:
                if number == before[1]:
                    return moment
                return before[0] + (moment - before[0]) * (arrived - before[1]) / (number - before[1])
            before = (moment, number)
        raise ValueError(arrived)

    @property
    def steady(self) -> float:
        """Return the arrivals per second of the steady part."""
        return self.count * (TO - FROM) / (self.at(self.count * TO) - self.at(self.count * FROM))

    @property
    def whole(self) -> float:
        """Return the arrivals per second from the first telling to the last arrival."""
        return self.count / (self.at(self.count) - self.samples[0][0])

    @property
    def told(self) -> float:
        """Return how many a second were told."""
        return self.count / (self.told_at - self.samples[0][0])
