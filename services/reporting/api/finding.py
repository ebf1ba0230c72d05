"""Lays out what does not fit in a report: each finding once, with all the lines of which it is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.reporting.api import words
from services.reporting.api.words import Language


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the figures that does not fit, of all lines of which it is said."""

    anchor: str
    rule: str
    severity: str
    message: str
    lines: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    readings: tuple[str, ...]
    acknowledged: str | None

    @property
    def unfit(self) -> bool:
        """Tell whether figures were set against each other, rather than something being absent."""
        return bool(self.figures or self.readings)


Key = tuple[str, str]


def key(issue: Mapping[str, Any]) -> Key:
    """Return what makes two issues one finding: the same rule says the same."""
    return issue["rule"], issue["message"]["vi"]


def findings(report: Mapping[str, Any], language: Language) -> dict[Key, Finding]:
    """Return what does not fit: figures set against each other first, what was acknowledged last."""
    issues: dict[Key, list[Mapping[str, Any]]] = {}
    for one in report["issues"]:
        issues.setdefault(key(one), []).append(one)
    lines: dict[Key, list[str]] = {key: [line for one in same for line in one["lines"]] for key, same in issues.items()}
    for line in report["lines"]:
        for one in line["issues"]:
            issues.setdefault(key(one), []).append(one)
            lines.setdefault(key(one), []).append(line["code"])

    def weight(one: Key) -> tuple[bool, bool, bool, str]:
        first = issues[one][0]
        return (
            bool(first["acknowledged"]),
            not (first["readings"] or first["figures"]),
            first["severity"] != "WARN",
            one[0],
        )

    ordered = sorted(issues, key=weight)
    return {
        key: _finding(f"van-de-{nth}", issues[key][0], tuple(dict.fromkeys(lines[key])), language)
        for nth, key in enumerate(ordered, 1)
    }


def _finding(anchor: str, issue: Mapping[str, Any], lines: tuple[str, ...], language: Language) -> Finding:
    seen = issue["acknowledged"]
    return Finding(
        anchor=anchor,
        rule=issue["rule"],
        severity=issue["severity"],
        message=words.either(issue["message"], language),
        lines=lines,
        figures=tuple(
            (words.code(words.COMPARED, one["line"], language), words.number(one["value"], language))
            for one in issue["figures"]
        ),
        readings=tuple(words.either(one, language) for one in issue["readings"]),
        acknowledged=f"{words.day(seen['on'], language)}: {seen['reason']}" if seen else None,
    )
