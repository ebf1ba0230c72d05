"""Writes what was measured into the documents: a table, and a chart of each figure against what stands beside it."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- measured: written by `make bench` -->", "<!-- /measured -->"
WIDTH, BAR, LINE = 720, 14, 22
LEFT, RIGHT = 250, 80
OURS, THEIRS = "#1f6f8b", "#b8b8b8"

Notes = Mapping[str, Mapping[str, Any]]


def write(page: Path, chart: Path, notes: Notes) -> None:
    """Replace what stands between the marks of a page, and draw its chart anew."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{table(notes)}\n\n![Measured beside rivals]({chart.name})\n\n{END}{after}")
    chart.write_text(drawn(notes))


def table(notes: Notes) -> str:
    """Return the figures as a table."""
    lines = [
        "| | measured | here | beside | ratio | target | holds | load |",
        "|---|---|---:|---|---|---|---|---:|",
    ]
    lines += [
        f"| {code} | {note['measured']} | {_number(note['value'])} {note['unit']} "
        f"| {_listed(note['beside'])} | {_listed(note['ratio'])} | {note['target'] or '–'} "
        f"| {'yes' if note['holds'] else '**no**: ' + '; '.join(note['fails'])} | {note['on']['load']} |"
        for code, note in notes.items()
    ]
    return "\n".join(lines)


def drawn(notes: Notes) -> str:
    """Return a bar for each figure and for what stands beside it; each figure has a scale of its own."""
    at, parts = LINE, []
    for code, note in notes.items():
        bars = {"here": note["value"], **note["beside"]}
        scale = (WIDTH - LEFT - RIGHT) / max([*bars.values(), 1e-9])
        parts.append(_text(0, at, f"{code} · {note['unit']}", bold=True))
        for nth, (name, value) in enumerate(bars.items()):
            parts += [
                _text(LEFT - 8, at, name, end=True),
                _bar(at, max(value * scale, 1), THEIRS if nth else OURS),
                _text(LEFT + value * scale + 6, at, _number(value)),
            ]
            at += LINE
        at += LINE // 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{at}" viewBox="0 0 {WIDTH} {at}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _bar(y: float, width: float, colour: str) -> str:
    return f'<rect x="{LEFT}" y="{y - BAR + 3}" width="{width:.0f}" height="{BAR}" fill="{colour}"/>'


def _text(x: float, y: float, words: str, *, end: bool = False, bold: bool = False) -> str:
    more = (' text-anchor="end"' if end else "") + (' font-weight="bold"' if bold else "")
    return f'<text x="{x:.0f}" y="{y}"{more}>{escape(words)}</text>'


def _listed(numbers: Mapping[str, float]) -> str:
    return "<br>".join(f"{name}: {_number(value)}" for name, value in numbers.items()) or "–"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 (three digits say enough)
