"""`chungcu story`: which stories there are, and playing one."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ops.console import err, out
from ops.lifecycle import ensure_up
from ops.stories import Story, stories, story
from ops.stories.player import Failure, Outcome, play

SHOWN = 20
"""How many failed steps are listed before only their number is said."""

story_app = typer.Typer(
    help="Chương trình đã ghi lại, chơi qua API công khai · Recorded programmes, played through the public API.",
    no_args_is_help=True,
)


@story_app.command("list")
def list_() -> None:
    """Liệt kê các câu chuyện · List the stories, and how many steps each has."""
    table = Table("Tên · Name", "Nội dung · About", "Bước · Steps", box=None, pad_edge=False)
    for one in stories():
        steps = sum(len(one.steps(phase)) for phase in one.phases)
        table.add_row(one.name, f"{escape(one.title.vi)}\n[dim]{escape(one.title.en)}[/]", str(steps))
    out.print(table)


@story_app.command("play")
def play_(name: Annotated[str, typer.Argument(help="Tên · One of `chungcu story list`.")]) -> None:
    """Chơi một câu chuyện; khởi động hệ thống nếu cần · Play a story, starting the system if need be.

    Playing it again changes nothing. Exits 1 when a step failed; the others are played all the same.
    """
    told = story(name)
    introduce(told, err)
    outcome = asyncio.run(play(told, ensure_up(), err))
    err.print(summary(outcome))
    if outcome.failed:
        raise typer.Exit(1)


def introduce(told: Story, console: Console) -> None:
    """Say what a story is and that its data are synthetic."""
    console.print(f"[bold]{escape(told.title.vi)}[/]\n{escape(told.title.en)}")
    console.print(f"[yellow]{escape(told.synthetic.vi)}[/]\n[dim]{escape(told.synthetic.en)}[/]")


def summary(outcome: Outcome) -> RenderableType:
    """Say how a story went, naming the steps that failed."""
    before = f" ({outcome.replayed} đã có từ trước · already known)" if outcome.replayed else ""
    line = f"{outcome.played} bước xong · steps done{before}, {outcome.seconds:.1f} s"
    if not outcome.failed:
        return Text.assemble(("✓ ", "green"), line)
    table = Table("Bước · Step", "Yêu cầu · Request", "Lý do · Reason", box=None, pad_edge=False)
    for failure in outcome.failed[:SHOWN]:
        table.add_row(*map(escape, _failed(failure)))
    if len(outcome.failed) > SHOWN:
        table.add_row(f"… +{len(outcome.failed) - SHOWN}")
    return Group(Text.assemble(("✗ ", "red"), f"{line}; {len(outcome.failed)} bước hỏng · steps failed"), table)


def _failed(failure: Failure) -> tuple[str, str, str]:
    step = failure.step
    return f"{step.phase}/{step.name}", f"{step.method} {step.service} {step.path}", str(failure.problem)
