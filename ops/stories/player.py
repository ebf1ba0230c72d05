"""Playing a story through the public API: phases in order, the steps of one phase side by side."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ops.client import PATIENCE, Client, Declined, Problem
from ops.running import Running
from ops.stories import Phase, Said, Step, Story, story

WIDTH = 8
"""How many steps of a phase are in flight at once."""

POSITIONS = {"chungcu-position": "min_position", "chungcu-restricted-position": "min_restricted_position"}
"""What an answer says of how far its service has come, and how reporting is asked to wait for that.

What is entered in confidence says neither: nothing is told of it until restricted facts are.
"""

_HEARD = Phase(
    name="reporting-has-heard",
    title=Said(vi="Chờ báo cáo nhận đủ", en="Until reporting has heard everything"),
    service="reporting",
    path="/v1/reports",
    key="{service}",
    body={},
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that did not succeed, and the problem it ended with."""

    step: Step
    problem: Problem


@dataclass(slots=True)
class Outcome:
    """How a story went. `replayed` counts steps that had been played before and were answered from then."""

    story: Story
    played: int = 0
    replayed: int = 0
    failed: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


async def play(
    name: str | Story,
    running: Running,
    console: Console | None = None,
    *,
    patience: float = PATIENCE,
) -> Outcome:
    """Play a story and wait until reporting has heard it; a step that fails is listed, and the next ones go on.

    Playing it again is harmless: every step bears the same idempotency key and is answered as the first time.
    """
    told = name if isinstance(name, Story) else story(name)
    phases = [(phase, told.steps(phase)) for phase in told.phases]
    outcome = Outcome(told)
    began = time.monotonic()
    async with Client(running, patience=patience, restricted=True) as client:
        with _progress(console) as progress:
            playing = _Playing(client, outcome, progress, sum(len(steps) for _, steps in phases))
            for phase, steps in phases:
                await playing.phase(phase, steps)
            await playing.heard()
    outcome.seconds = time.monotonic() - began
    return outcome


class _Playing:
    """One performance of a story."""

    def __init__(self, client: Client, outcome: Outcome, progress: Progress | None, total: int) -> None:
        self._client = client
        self._outcome = outcome
        self._progress = progress
        self._task: TaskID | None = progress.add_task("", total=total) if progress else None
        # Steps in flight together may be logged in another order than they were answered in.
        self._last: dict[tuple[str, str], deque[str]] = defaultdict(lambda: deque(maxlen=WIDTH))

    async def phase(self, phase: Phase, steps: list[Step]) -> None:
        self._describe(phase)
        waiting = iter(steps)

        async def hand() -> None:
            for step in waiting:
                await self._step(step)

        async with asyncio.TaskGroup() as hands:
            for _ in range(min(WIDTH, len(steps))):
                hands.create_task(hand())

    async def _step(self, step: Step) -> None:
        try:
            answer = await self._client.ask(
                step.service,
                step.path,
                method=step.method,
                body=step.body,
                headers={"Idempotency-Key": str(step.key)},
            )
        except Declined as declined:
            self._outcome.failed.append(Failure(step, declined.problem))
        else:
            self._outcome.played += 1
            self._outcome.replayed += "idempotency-replayed" in answer.headers
            for header, parameter in POSITIONS.items():
                if position := answer.headers.get(header):
                    self._last[step.service, parameter].append(position)
        if self._progress and self._task is not None:
            self._progress.advance(self._task)

    async def heard(self) -> None:
        """Wait until the last steps of each service have arrived where the story's report is made.

        That holds for reporting's own steps too, for it hears itself as it hears the others: over the bus.
        """
        self._describe(_HEARD)
        await asyncio.gather(*(self._arrived(*awaited, positions) for awaited, positions in self._last.items()))

    async def _arrived(self, service: str, parameter: str, positions: Iterable[str]) -> None:
        report = self._outcome.story.report
        path = f"{_HEARD.path}/{report.code}"
        asked = {"unit": report.unit, "from": f"{report.since}", "to": f"{report.until}"}
        try:
            for position in positions:
                await self._client.ask(_HEARD.service, path, params={**asked, parameter: position})
        except Declined as declined:
            key = self._outcome.story.id(f"{_HEARD.name}/{service}")
            step = Step(_HEARD.name, service, _HEARD.service, "GET", path, {}, key)
            self._outcome.failed.append(Failure(step, declined.problem))

    def _describe(self, phase: Phase) -> None:
        if self._progress and self._task is not None:
            self._progress.update(self._task, description=str(phase.title))


def _progress(console: Console | None) -> AbstractContextManager[Progress | None]:
    if console is None:
        return nullcontext()
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
    )
