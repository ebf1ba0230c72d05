"""Hears everything, keeps it, and derives what follows; misses what should have come, and goes to fetch it."""

import inspect
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.reporting import domain, store
from shared import event_log, feed
from shared.caller import HANOI
from shared.consumers import Consumers, Outdated, Work
from shared.database import Database, Transaction
from shared.events import (
    Circumstances,
    DataQualityIssueAcknowledged,
    DataQualityIssueRaised,
    DataQualityIssueResolved,
    Told,
)
from shared.events.reporting import Hole
from shared.telemetry import log
from shared.topology import restricted_part
from shared.uuids import uuid7

consumers = Consumers("reporting", remembers=store.journal.remember)
OF_NO_MATTER = [one.type for one in (DataQualityIssueRaised, DataQualityIssueResolved, DataQualityIssueAcknowledged)]
"""Events that change no figure, so that what is found in figures is not found anew for them."""
restricted = Consumers(restricted_part("reporting"), remembers=store.journal.remember, restricted=True)
"""Readers of restricted facts: in a schema of their own, as a role of its own."""


@consumers.everything
async def everything(events: Sequence[Told[Any]], tx: Transaction) -> None:
    """Derive the entries of every subject that was told of, again and whole: so no order can harm."""
    await store.entries.derive(tx, sorted({told.subject for told in events}))


@consumers.heads
async def log_heads(tx: Transaction, said: dict[str, int]) -> None:
    """A source says how far its log goes: so what is missing at the end is missed too.

    It says so also when nothing happens: then too a process of other definitions notices that it must be started again.
    """
    if await store.edition.position(tx) is None:
        raise Outdated(Outdated.__doc__)
    await store.journal.heads(tx, said)


@restricted.everything
async def participation(events: Sequence[Told[Any]], tx: Transaction) -> None:
    """Nothing is derived of restricted facts: the journal is small, and what was told last of a participant counts."""


@restricted.heads
async def restricted_log_heads(tx: Transaction, said: dict[str, int]) -> None:
    """A source says how far its restricted log goes."""
    await store.journal.heads(tx, said)


class DerivedByOthers(RuntimeError):
    """Bút toán được dẫn xuất theo định nghĩa khác; hãy chạy lệnh rồi khởi động lại. · Entries and sums were derived by other definitions than these: run the command, then start again.

    chungcu rebuild reporting
    """  # noqa: E501 (one line each)


@consumers.at_start
async def definitions(work: Work) -> None:
    """Nothing is added to what other definitions derived, and nobody is answered from it: it is rebuilt first.

    Where nobody noted by which it was derived, it is looked at.
    """
    async with work.database.transaction() as tx:
        known = await store.edition.noted(tx)
    if not known:
        async with work.database.transaction(snapshot=True) as tx:
            fits = not await store.entries.differences(tx)
        if fits:
            async with work.database.transaction() as tx:
                await store.edition.adopted(tx)
    async with work.database.transaction() as tx:
        if not await store.edition.ours(tx):
            raise DerivedByOthers(inspect.getdoc(DerivedByOthers))


@consumers.due(every=2.0)
async def statistics(work: Work) -> None:
    """Tables that have grown fast are looked at before somebody asks: a first report must not take half a minute."""
    async with work.database.transaction() as tx:
        tables = await store.entries.grown(tx)
    for table in tables:
        async with work.database.transaction() as tx:
            await store.entries.look_at(tx, table)


@consumers.due(every=60.0)
async def comparison(work: Work) -> None:
    """Compare entries and sums with what they are derived from, every night; show how it ended."""
    async with work.database.transaction() as tx:
        due = await store.edition.begin_comparison(tx, domain.comparison.last_night(work.now()), work.now())
    if due:
        began = work.now()
        async with work.database.transaction(snapshot=True) as tx:
            wrong = await store.entries.differences(tx)
        if wrong:
            log.error("entries or sums differ from the journal", count=len(wrong))
        ended = work.now()
        async with work.database.transaction() as tx:
            found = store.edition.Comparison(ended, (ended - began).total_seconds(), len(wrong))
            await store.edition.end_comparison(tx, found)
    async with work.database.transaction() as tx:
        last = await store.edition.last_comparison(tx)
    if last is not None and work.metrics is not None:
        work.metrics.compared(last.differences, last.ended, last.seconds)


@consumers.due(every=2.0)
async def missing_restricted_events(work: Work) -> None:
    """Fetch restricted facts that have been missing for a while; until they come, their lines say so."""
    assert work.restricted is not None
    async with work.restricted.transaction() as tx:
        await store.journal.look_for_holes(tx)
        missing = await store.journal.holes(tx, work.settings.gap_after)
    for source, numbers in missing.items():
        for hole in domain.issue.spans(source, numbers):
            await _fetched(work, hole, work.restricted)


@consumers.due(every=2.0)
async def missing_events(work: Work) -> None:
    """Fetch what has been missing for a while; what cannot be had is an issue on every line it may touch."""
    async with work.database.transaction() as tx:
        await store.journal.look_for_holes(tx)
        missing = await store.journal.holes(tx, work.settings.gap_after)
    for source, numbers in missing.items():
        for hole in domain.issue.spans(source, numbers):
            if not await _fetched(work, hole, work.database):
                await _raise(work, hole)
    async with work.database.transaction() as tx:
        healed = [issue for issue, hole in await store.issue.open_holes(tx) if await store.journal.filled(tx, hole)]
    for issue_id in healed:
        await _resolve(work, issue_id)


async def _fetched(work: Work, hole: Hole, where: Database) -> bool:
    """Ask the source for what a hole lacks, and tell whether it has come; a restricted log has a feed of its own."""
    if hole.origin not in work.settings.feeds:
        return False
    async with where.transaction() as tx:
        if not await store.journal.may_ask(tx, hole):
            return False
    apart = where is work.restricted
    try:
        async for page in feed.fetch(work.settings, hole.origin, hole.first, hole.last, restricted=apart):
            await (restricted.settle(where, page) if apart else work.apply(page))
    except httpx.HTTPError as error:
        log.warning("feed cannot be asked", source=hole.origin, error=type(error).__name__)
    async with where.transaction() as tx:
        return await store.journal.filled(tx, hole)


async def _raise(work: Work, hole: Hole) -> None:
    async with work.database.transaction() as tx:
        known = await store.issue.issue(tx, domain.issue.issue_of(hole))
        if known is not None and not known.resolved:
            return
        event = domain.issue.raise_hole(hole, store.definitions.lines_of(hole.origin), _today(work))
        await store.issue.data_quality_issue_raised(tx, event)
        await event_log.append_found(tx, event, _found(work))
    work.told()


async def _resolve(work: Work, issue_id: UUID) -> None:
    async with work.database.transaction() as tx:
        known = await store.issue.issue(tx, issue_id)
        if known is None:
            return
        event = domain.issue.resolve(known, _today(work))
        await store.issue.data_quality_issue_resolved(tx, event)
        await event_log.append_found(tx, event, _found(work))
    work.told()


@consumers.due(every=2.0)
async def findings(work: Work) -> None:
    """Tell what does not fit in the figures of declared periods, once more was heard; and what fits again."""
    async with work.database.transaction() as tx:
        due = await store.period.to_look_at(tx, OF_NO_MATTER)
    for code in due:
        await _look_at(work, code)


async def _look_at(work: Work, code: str) -> None:
    async with work.database.transaction(snapshot=True) as tx:
        known = await store.known.of_period(tx, code)
    if known is None or known.declared is None:
        return
    found = domain.report.told(
        store.definitions.reports()[known.declared.report], store.definitions.indicators(), known
    )
    async with work.database.transaction() as tx:
        if not await store.edition.ours(tx) or not await store.period.look_at(tx, code, known.position):
            return
        standing = await store.issue.of_period(tx, code, [one.id for one in found])
        for event in domain.finding.settle(found, standing, known.declared, _today(work)):
            await store.issue.settled(tx, event)
            await event_log.append_found(tx, event, _found(work))
        await store.period.looked_at(tx, code, known.position)
    work.told()


def _found(work: Work) -> Circumstances:
    return Circumstances(id=uuid7(), time=work.now(), actor="service:reporting", correlation=uuid4())


def _today(work: Work) -> date:
    return work.now().astimezone(HANOI).date()
