"""A change of the story: rows that leave its tables or come into them, and by how much that moves which lines."""

import csv
from dataclasses import dataclass, field, replace
from uuid import UUID

from ops.stories import Step, Story

FREE = "minh-hoa-9000"
"""Symbol of every paper that a change brings along."""


@dataclass(frozen=True)
class Change:
    """Rows that leave the tables or come into them, or a command the story has no phase for; and what that moves.

    A row is named by its first column. A line that shows one number over another moves with either of the two.
    """

    name: str
    without: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    commands: tuple[tuple[str, str, str], ...] = ()
    moves: dict[str, int] = field(default_factory=dict)
    about: tuple[str, ...] = ()

    def but_without(self, table: str, *names: str) -> "Change":
        """Leave out rows of a table."""
        return replace(self, without=(*self.without, *((table, name) for name in names)))

    def and_with(self, table: str, *rows: str) -> "Change":
        """Add rows to a table, written as in its file."""
        return replace(self, rows=(*self.rows, *((table, row) for row in rows)))

    def by_command(self, service: str, path: str, body: str) -> "Change":
        """Give a command: path and body are templates like those of a phase, the body's fields divided by commas."""
        return replace(self, commands=(*self.commands, (service, path, body)))

    def moving(self, **moves: int) -> "Change":
        """Say what moves by how much; `LB_22a` is line LB-22a."""
        return replace(self, moves={line.replace("_", "-"): by for line, by in moves.items()})

    def showing(self, *names: str) -> "Change":
        """Say by which things the explanation of a line shows it, where the rows themselves name none of those."""
        return replace(self, about=names)

    def told(self, original: Story) -> Story:
        """Return the story with its tables changed."""
        tables = dict(original.tables)
        for table, name in self.without:
            rows = tables[f"{table}.csv"]
            tables[f"{table}.csv"] = [row for row in rows if next(iter(row.values())) != name]
            assert len(tables[f"{table}.csv"]) < len(rows), f"{self.name}: {table}.csv has no {name}"
        for table, row in self.rows:
            columns, values = original.table(f"{table}.csv")[0].keys(), next(csv.reader([row]))
            assert len(values) == len(columns), f"{self.name}: {table}.csv, {row}"
            tables[f"{table}.csv"] = [*tables[f"{table}.csv"], dict(zip(columns, values, strict=True))]
        changed = original.model_copy()
        changed.__dict__["tables"] = tables  # where the story itself keeps them once they are read
        return changed

    def steps(self, original: Story) -> tuple[list[Step], list[Step]]:
        """Return the steps that the change takes away and those that it adds, in the story's order."""
        touched = {f"{table}.csv" for table, _ in (*self.without, *self.rows)}
        before, after = _steps(original, touched), _steps(self.told(original), touched)
        assert all(after[key] == step for key, step in before.items() if key in after), f"{self.name}: a step changes"
        gone = [step for key, step in before.items() if key not in after]
        come = [step for key, step in after.items() if key not in before]
        return gone, [*come, *(_command(original, self.name, *one) for one in self.commands)]


def _steps(told: Story, tables: set[str]) -> dict[UUID, Step]:
    return {step.key: step for phase in told.phases if phase.table in tables for step in told.steps(phase)}


def _command(told: Story, name: str, service: str, path: str, body: str) -> Step:
    filled = "/".join(str(told.id(part[3:])) if part.startswith("id:") else part for part in path.split("/"))
    fields = dict(part.split("=") for part in body.split(","))
    paper = {"symbol": FREE, "date": fields["on"], "issuer": "UBND (minh họa)"}
    given = {**fields, "document": paper, "takeover": str(told.id(f"takeover-{service}"))}
    return Step("commands", name, service, "POST", filled, given, told.id(f"commands/{name}"))
