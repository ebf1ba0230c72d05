"""What came of it: a line at the terminal for each row, all of it as JSON, and the table in docs/reliability.md."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.caller import HANOI
from tests.chaos.ledger import Fault, Verdict
from tests.chaos.rows import Figures, Row
from tests.e2e.system import ROOT

DOCUMENT = ROOT / "docs" / "reliability.md"
FIGURES = ROOT / "docs" / "reliability.json"
BEGIN, END = "<!-- chaos: begin, written by `make chaos` -->", "<!-- chaos: end -->"
HEAD = (
    *("row", "what was done", "commands", "lost", "twice", "order", "stuck", "cursor"),
    *("duplicates seen", "seconds to recover"),
)


@dataclass(slots=True)
class Outcome:
    """What came of one row."""

    row: Row
    commands: int = 0
    unknown: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    duplicates: int = 0
    recovered: float | None = None
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    own: Figures | None = None
    skipped: str = ""
    faults: list[str] = field(default_factory=list)
    """What went wrong besides: no rest, a refusal, an error of the row itself."""

    @property
    def green(self) -> bool:
        """Tell whether the promise held; a row that was skipped promises nothing."""
        return self.verdict.holds and not self.faults

    def counts(self) -> list[int]:
        """Return the five figures that must be nothing."""
        return [self.verdict.count(fault) for fault in Fault]

    def line(self) -> str:
        """Say it in one line of a terminal."""
        if self.skipped:
            return f"⚠ {self.row.name:<20} BỎ QUA · SKIPPED: {self.skipped}"
        mark = "✓" if self.green else "✗"
        recovered = "—" if self.recovered is None else f"{self.recovered:.1f} s"
        counts = " ".join(f"{count:>5}" for count in self.counts())
        notes = f"  {'; '.join(self.notes)}" if self.notes else ""
        return (
            f"{mark} {self.row.name:<20} {self.commands:>6} {counts} {self.duplicates:>7} {recovered:>8}"
            f" ({self.seconds:.0f} s){notes}"
        )

    def evidence(self, most: int = 6) -> list[str]:
        """Name what is wrong."""
        named = [f"{fault}: {one}" for fault, found in self.verdict.wrong.items() for one in sorted(found)]
        return [*self.faults, *named[:most], *([f"… +{len(named) - most}"] if len(named) > most else [])]

    def figures(self) -> dict[str, Any]:
        """Return all of it, for machines."""
        return {
            "row": self.row.name,
            "done": self.row.said,
            "promises": self.row.promises.split(),
            "commands": self.commands,
            "unknown": self.unknown,
            **{str(fault): self.verdict.count(fault) for fault in Fault},
            "duplicates_seen": self.duplicates,
            "recovery_seconds": None if self.recovered is None else round(self.recovered, 2),
            "notes": self.notes,
            "skipped": self.skipped or None,
            "faults": self.faults,
            "evidence": self.evidence(20),
        }


def heading() -> str:
    """Return the heads of the lines."""
    return (
        f"  {'hàng · row':<20} {'lệnh':>6} {'mất':>5} {'2 lần':>5} {'t.tự':>5} {'kẹt':>5} {'lùi':>5} {'lặp':>7} {'hồi phục':>8}\n"
        f"  {'':<20} {'cmds':>6} {'lost':>5} {'twice':>5} {'order':>5} {'stuck':>5} {'back':>5} {'dupl':>7} {'recover':>8}"
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the table as Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * 2}{'--:|' * (len(HEAD) - 2)}"]
    for one in outcomes:
        said = one.row.said.replace("|", "/")
        if one.skipped:
            lines.append(f"| `{one.row.name}` | {said} | **skipped**: {one.skipped} |{' |' * (len(HEAD) - 3)}")
            continue
        counts = [f"**{count}**" if count else "0" for count in one.counts()]
        recovered = "—" if one.recovered is None else f"{one.recovered:.1f}"
        notes = f"<br>*{'; '.join(one.notes)}*".replace("|", "/") if one.notes else ""
        wrong = f" — **{'; '.join(one.faults)}**" if one.faults else ""
        cells = [f"`{one.row.name}`", said + notes + wrong, str(one.commands), *counts, str(one.duplicates), recovered]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write(outcomes: Sequence[Outcome], seed: int, seconds: float, versions: dict[str, str]) -> None:
    """Put the results where they are published."""
    day = datetime.now(HANOI).date().isoformat()
    ran = [one for one in outcomes if not one.skipped]
    summary = (
        f"{day}, seed {seed}, {seconds / 60:.0f} minutes, {', '.join(f'{k} {v}' for k, v in versions.items())}: "
        f"{sum(one.commands for one in ran)} commands in {len(ran)} rows, "
        f"{sum(sum(one.counts()) for one in ran)} violations, {sum(one.duplicates for one in ran)} duplicates seen."
    )
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{summary}\n\n{table(outcomes)}\n\n{END}{after}", encoding="utf-8")
    FIGURES.write_text(_json(outcomes, seed, seconds, versions), encoding="utf-8")


def _json(outcomes: Sequence[Outcome], seed: int, seconds: float, versions: dict[str, str]) -> str:
    said = {
        "on": datetime.now(HANOI).date().isoformat(),
        "seed": seed,
        "seconds": round(seconds),
        "versions": versions,
        "rows": [one.figures() for one in outcomes],
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def save(file: Path, outcomes: Sequence[Outcome], seed: int, seconds: float) -> None:
    """Keep the figures of a run that is not published."""
    file.write_text(_json(outcomes, seed, seconds, {}), encoding="utf-8")
