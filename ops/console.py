"""How the command speaks: each step and its time on standard error, so that standard output holds results alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

out = Console(highlight=False)
"""Results."""
err = Console(stderr=True, highlight=False)
"""What is being done, and what went wrong."""


class Fault(Exception):
    """What is wrong and what to do about it, each in Vietnamese and English."""

    def __init__(self, wrong: str, remedy: str = "") -> None:
        """Keep both; the remedy is shown on lines of its own."""
        super().__init__(wrong)
        self.wrong = wrong
        self.remedy = remedy

    def show(self) -> None:
        """Print the fault and its remedy."""
        err.print(f"[red]✗[/] {escape(self.wrong)}", soft_wrap=True)
        for line in self.remedy.splitlines():
            err.print(f"  [yellow]→[/] {escape(line)}", soft_wrap=True)


class Step:
    """One thing being done; what is found out meanwhile is shown beside its time."""

    def __init__(self, title: str) -> None:
        """Begin now."""
        self.title = title
        self.found = ""
        self._began = time.monotonic()
        self._status = err.status(escape(title)) if err.is_terminal else None

    def begin(self) -> None:
        """Show that it has begun."""
        if self._status:
            self._status.start()

    def note(self, found: str) -> None:
        """Remember what was found out; the last word stands."""
        self.found = found
        if self._status:
            self._status.update(f"{escape(self.title)} — {escape(found)}")

    def end(self, *, well: bool) -> None:
        """Show how it ended and how long it took."""
        if self._status:
            self._status.stop()
        mark = "[green]✓[/]" if well else "[red]✗[/]"
        found = f" — {escape(self.found)}" if self.found else ""
        err.print(f"{mark} {escape(self.title)}{found} [dim]{time.monotonic() - self._began:.1f} s[/]", soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Say what is being done, then how it ended and how long it took."""
    doing = Step(title)
    doing.begin()
    try:
        yield doing
    except BaseException:
        doing.end(well=False)
        raise
    doing.end(well=True)


def say(line: str) -> None:
    """Say something beside the steps."""
    err.print(f"[dim]·[/] {escape(line)}", soft_wrap=True)
