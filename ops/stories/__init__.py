"""Recorded programmes: a folder of data that turns, row by row, into commands to the public API.

A story is `story.yaml` with CSV tables beside it and no code. Each phase takes the rows of one table and
fills its path and body with them. In a template, `{column}` stands for the row's value, and a word before
a colon says what the filled text is to become:

    id:{group}          UUIDv5 of the story and this name, the same whenever it is played
    ids:{buildings}     a list of such ids, from names divided by spaces
    words:{topics}      a list of words, divided by spaces
    int:{storeys}  bool:{lift}  text:{note}
    int?:{built_year}   null when the cell is empty; any of these words may bear the question mark

A body may gather rows of another table: `{each: members.csv, where: {board: "{board}"}, as: {…}}`.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ops.console import Fault

FOLDER = Path(__file__).parent
"""Where the stories lie that come with the program."""

Row = Mapping[str, str]

_CAST = re.compile(r"(?P<cast>ids?|words|int|bool|text)(?P<optional>\?)?:(?P<text>.*)", re.DOTALL)
_COLUMN = re.compile(r"\{(\w+)\}")
_TRUTH = {"yes": True, "no": False}


class StoryError(Fault):
    """A story cannot be told as it is written; the message says where."""


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Written):
    """The same words in both languages."""

    vi: str
    en: str

    def __str__(self) -> str:
        """Vietnamese first, English second."""
        return f"{self.vi} · {self.en}"


class Assumption(Said):
    """What the source does not say and the story needs; `about` names the tables or lines that rest on it."""

    about: str


class ReportAsked(_Written):
    """The report that a story leads up to; both days are inclusive."""

    code: str
    unit: str
    since: date = Field(alias="from")
    until: date = Field(alias="to")


class Phase(_Written):
    """Commands of one kind, one for each row of a table, or a single one without a table."""

    name: str
    title: Said
    service: str
    method: Literal["POST", "PUT"] = "POST"
    path: str
    table: str | None = None
    key: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One command, ready to be sent; its key makes repeating it harmless."""

    phase: str
    name: str
    service: str
    method: str
    path: str
    body: dict[str, Any]
    key: UUID


class Story(_Written):
    """A recorded programme: what it is called, what in it is assumed, and its phases in order."""

    name: str
    folder: Path
    title: Said
    synthetic: Said
    source: Said
    assumed: tuple[Assumption, ...]
    report: ReportAsked
    phases: tuple[Phase, ...]

    @property
    def namespace(self) -> UUID:
        """Return the namespace of every id of this story."""
        return uuid5(NAMESPACE_URL, f"urn:chungcu:story:{self.name}")

    def id(self, name: str) -> UUID:
        """Return the id that a name has in this story."""
        return uuid5(self.namespace, name)

    @cached_property
    def tables(self) -> dict[str, list[dict[str, str]]]:
        """Return the rows of every table, by the name of its file."""
        return {file.name: _rows(file) for file in sorted(self.folder.glob("*.csv"))}

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a table."""
        if name not in self.tables:
            message = f"{self.name}: there is no table {name}"
            raise StoryError(message)
        return self.tables[name]

    def steps(self, phase: Phase) -> list[Step]:
        """Return the commands of a phase, one for each row."""
        rows: list[dict[str, str]] = [{}] if phase.table is None else self.table(phase.table)
        steps = list(self._steps(phase, rows))
        if len({step.name for step in steps}) < len(steps):
            message = f"{self.name}: phase {phase.name}: two rows share the key {phase.key}"
            raise StoryError(message)
        return steps

    def _steps(self, phase: Phase, rows: list[dict[str, str]]) -> Iterator[Step]:
        for number, row in enumerate(rows, start=1):
            try:
                name = str(self._filled(phase.key, row))
                yield Step(
                    phase.name,
                    name,
                    phase.service,
                    phase.method,
                    "/".join(quote(str(self._filled(part, row)), safe="") for part in phase.path.split("/")),
                    {field: self._filled(template, row) for field, template in phase.body.items()},
                    self.id(f"{phase.name}/{name}"),
                )
            except (KeyError, ValueError) as error:
                message = f"{self.name}: phase {phase.name}, row {number} of {phase.table}: {error!r}"
                raise StoryError(message) from error

    def _filled(self, template: Any, row: Row) -> Any:  # noqa: ANN401 (any value of a JSON body)
        match template:
            case str():
                return self._value(template, row)
            case {"each": str(table), "where": dict(where), "as": wanted}:
                sought = {column: self._value(value, row) for column, value in where.items()}
                return [
                    self._filled(wanted, other)
                    for other in self.table(table)
                    if all(other[column] == value for column, value in sought.items())
                ]
            case dict():
                return {field: self._filled(value, row) for field, value in template.items()}
            case list():
                return [self._filled(value, row) for value in template]
            case date():
                return template.isoformat()
            case _:
                return template

    def _value(self, template: str, row: Row) -> Any:  # noqa: ANN401 (any value of a JSON body)
        cast = _CAST.fullmatch(template)
        text = _COLUMN.sub(lambda found: row[found[1]], cast["text"] if cast else template)
        if cast is None:
            return text
        return None if cast["optional"] and not text else self._cast(cast["cast"], text)

    def _cast(self, kind: str, text: str) -> Any:  # noqa: ANN401 (any value of a JSON body)
        match kind:
            case "id":
                return str(self.id(text))
            case "ids":
                return [str(self.id(name)) for name in text.split()]
            case "words":
                return text.split()
            case "int":
                return int(text)
            case "bool":
                return _TRUTH[text]
            case _:
                return text


def stories() -> list[Story]:
    """Return the stories that come with the program."""
    return [load(file.parent) for file in sorted(FOLDER.glob("*/story.yaml"))]


def story(name: str) -> Story:
    """Return a story by its name; raise `StoryError` when there is none."""
    known = {file.parent.name for file in FOLDER.glob("*/story.yaml")}
    if name not in known:
        message = f"Không có câu chuyện {name} · There is no story {name} ({', '.join(sorted(known))})"
        raise StoryError(message)
    return load(FOLDER / name)


def load(folder: Path) -> Story:
    """Read a story from its folder, which gives it its name."""
    try:
        written = yaml.safe_load((folder / "story.yaml").read_text(encoding="utf-8"))
        return Story.model_validate({**written, "name": folder.name, "folder": folder})
    except (OSError, TypeError, yaml.YAMLError, ValidationError) as error:
        message = f"{folder.name}: story.yaml: {error}"
        raise StoryError(message) from error


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, strict=True))
