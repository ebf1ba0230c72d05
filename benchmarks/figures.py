"""What was measured: a figure beside its rivals, its targets, and the file they are kept in."""

import json
import os
import platform
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
        """Return what is kept of it, and how busy the machine was: a load above its processors blurs figures."""
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
            "on": {
                "processors": os.cpu_count(),
                "python": platform.python_version(),
                "load": round(os.getloadavg()[0], 1),
            },
        }


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def kept(file: Path) -> dict[str, Any]:
    """Return what was measured last, by code."""
    return dict(json.loads(file.read_text())) if file.exists() else {}


def write(file: Path, figures: Iterable[Figure]) -> dict[str, Any]:
    """Keep figures beside those that were not measured this time, and return all."""
    every = {**kept(file), **{one.code: one.to_note() for one in figures}}
    every = {code: every[code] for code in sorted(every)}
    file.write_text(json.dumps(every, indent=1, ensure_ascii=False) + "\n")
    return every
