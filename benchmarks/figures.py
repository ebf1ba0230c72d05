"""What was measured: a figure beside its rivals, its targets, and the file they are kept in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DIGITS = 4


@dataclass(frozen=True, slots=True)
class Target:
    """What was promised of a figure, and whether it holds."""

    words: str
    holds: bool


def target(words: str, holds: bool) -> Target:
    """Return a target."""
    return Target(words, holds)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, with what was measured beside it in the same run."""

    code: str
    words: str
    value: float
    unit: str
    beside: Mapping[str, float]
    ratio: Mapping[str, float]
    targets: tuple[Target, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Tell whether every target holds."""
        return all(one.holds for one in self.targets)

    def to_note(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "measured": self.words,
            "value": _rounded(self.value),
            "unit": self.unit,
            "beside": {name: _rounded(value) for name, value in self.beside.items()},
            "ratio": {name: _rounded(value) for name, value in self.ratio.items()},
            "target": "; ".join(one.words for one in self.targets),
            "holds": self.holds,
            "fails": [one.words for one in self.targets if not one.holds],
            "more": dict(self.more),
        }


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def write(file: Path, figures: Iterable[Figure]) -> dict[str, Any]:
    """Keep figures beside those that were not measured this time, and return all."""
    kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    kept.update({one.code: one.to_note() for one in figures})
    kept = {code: kept[code] for code in sorted(kept)}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return kept
