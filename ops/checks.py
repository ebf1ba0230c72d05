"""Looks at everything that runs and says what is wrong and what to do about it; changes nothing."""

import asyncio
import importlib.metadata
import re
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table

from ops import inside, private, servers
from ops.console import Fault
from ops.lifecycle import restarts
from ops.private import nodes
from ops.running import PORTS, ROOT, Running, readiness, token
from ops.servers import Servers
from shared.consumers.parking import waiting
from shared.settings import Environment, Settings, restricted_role

OLD_NEWS = 10.0
"""Seconds an event may wait for the broker before that is a fault."""
OLDEST_PYTHON = (3, 11)
HEALTHY = 200
SHOWN = 5
"""How many of a kind are named before the rest is left out."""
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)\s*\\?$")
"""A locked package without a condition; those with one may rightly be absent."""


@dataclass(frozen=True)
class Figures:
    """What one service says of itself, and what the broker says of its queue; none means not known."""

    name: str
    url: str
    status: int
    words: dict[str, object]
    unsent: float | None
    parked: float | None
    oldest_parked: float | None
    consumers: int | None
    waiting: int | None
    differences: float | None = None
    """What differed when entries and sums were last compared with the journal."""

    @property
    def ready(self) -> bool:
        """Tell whether it takes requests."""
        return self.status == HEALTHY


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, and the fault if there is one."""

    about: str
    fault: Fault | None = None


def figures(running: Running) -> list[Figures]:
    """Ask each service for its figures and the broker for its queue."""
    queues = asyncio.run(_queues(running)) if running.ours else {}
    return [_figures(name, url, queues.get(name)) for name, url in running.urls.items()]


def table(found: list[Figures], running: Running) -> Table:
    """Lay the figures out for a person."""
    shown = Table("Dịch vụ\nService", box=None, pad_edge=False)
    shown.add_column("Cổng\nPort")
    shown.add_column("Trạng thái\nState")
    for head in (
        "Chờ gửi\nUnsent",
        "Gác lại\nParked",
        "Chờ nghe\nWaiting",
        "Nghe\nConsumers",
        "Chạy lại\nRestarts",
    ):
        shown.add_column(head, justify="right")
    again = restarts() if running.ours else {}
    for one in found:
        state = "[green]✓[/]" if one.ready else f"[red]✗[/] {_state(one)}"
        if one.differences:
            state = f"[red]≠[/] {one.differences:.0f} chỗ khác · differences"
        age = "?" if one.unsent is None else f"{one.unsent:.1f} s"
        counts = [_count(one.parked), _count(one.waiting), _count(one.consumers), _count(again.get(one.name))]
        shown.add_row(one.name, str(urlsplit(one.url).port), state, age, *counts)
    return shown


def diagnose(running: Running | None) -> Iterator[Finding]:
    """Look at one thing after another."""
    yield _python()
    yield _lock()
    if running is None:
        yield from _before_start()
        yield Finding("dịch vụ · services", Fault("Hệ thống không chạy · The system does not run", "make up"))
        return
    found = Servers.noted(running.servers)
    answering = {}
    for kind, server in found.each() if found else ():
        finding = _server(kind, server)
        answering[kind] = finding.fault is None
        yield finding
    if answering.get("postgres"):
        yield asyncio.run(_migrated(running))
    for one in figures(running):
        yield from _service(one, broker=answering.get("rabbitmq", True))
    if running.ours and answering.get("postgres"):
        yield from asyncio.run(_parked_apart())
    yield _key(running)


async def _parked_apart() -> list[Finding]:
    """Look into restricted parts: how many events they have is in no figure that everybody sees."""
    found = []
    for part in inside.PARTS:
        if part.endswith(inside.RESTRICTED):
            with suppress(asyncpg.PostgresError, Fault):  # said above: not migrated
                async with inside.database(part) as database, database.transaction() as tx:
                    count, oldest = await waiting(tx)
                if count:
                    found.append(_parked(part, count, oldest))
    return found


def _parked(part: str, count: float, oldest: float) -> Finding:
    wrong = f"{part}: {count:.0f} tin bị gác lại · events parked; cũ nhất · oldest {_age(oldest)}"
    return Finding(part, Fault(wrong, f"chungcu parked list -s {part}"))


def _age(seconds: float) -> str:
    """Return a length of time in the largest unit it fills."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _key(running: Running) -> Finding:
    """Look whether the services take the tokens that this checkout makes; others may have the ports."""
    about = "mã truy cập · tokens"
    try:
        answer = httpx.get(
            f"{running.urls['reporting']}/v1/reports",
            headers={"Authorization": f"Bearer {token(running)}"},
            timeout=5,
            trust_env=False,
        )
    except (httpx.TransportError, OSError):
        return Finding(about)  # said above: the service does not answer
    if answer.status_code != httpx.codes.UNAUTHORIZED:
        return Finding(about)
    return Finding(
        about,
        Fault(
            "Dịch vụ không nhận mã của thư mục này · The services refuse this checkout's tokens: they have other keys",
            f"CHUNGCU_TOKEN=…, or stop what else uses {running.urls['reporting']}",
        ),
    )


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    fault = Fault(f"Python {version} quá cũ · is too old", "make up PYTHON=python3.12")
    return Finding(f"Python {version}", fault if sys.version_info < OLDEST_PYTHON else None)


def _lock() -> Finding:
    lock = ROOT / "requirements.lock"
    pins = [match.groups() for line in lock.read_text().splitlines() if (match := PIN.match(line))]
    wrong = [f"{name} {version}" for name, version in pins if _installed(name) != version]
    fault = Fault(
        f"Gói không đúng bản đã khóa · Not as locked: {', '.join(wrong[:SHOWN])}{' …' if len(wrong) > SHOWN else ''}",
        "rm -rf .venv && make up",
    )
    return Finding(f"gói đã khóa · locked packages: {len(pins)}", fault if wrong else None)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _before_start() -> Iterator[Finding]:
    """Look at what a start would meet."""
    for name, port in PORTS.items():
        free = nodes.port_is_free(port)
        taken = Fault(
            f"Cổng {port} đang bận · Port {port} is taken", f"{name} sẽ dùng cổng khác · will use another port"
        )
        yield Finding(f"cổng · port {port}", None if free else taken)
    for way in ("postgres", "rabbitmq"):
        if not private.installed(way) and servers.forced() is servers.Way.PRIVATE:
            yield Finding(way, Fault(f"Thiếu gói · Not installed: {private.PACKAGES[way]}", "make up"))


def _server(kind: str, server: servers.Server) -> Finding:
    about = f"{servers.NAMES[kind]} {server.place} ({server.way})"
    try:
        return Finding(f"{about} {servers.version(kind, server.url)}")
    except servers.SILENT as error:
        remedy = "Khởi động lại máy chủ đó · Start that server again" if server.shared else "chungcu up"
        wrong = f"{about} không trả lời · does not answer: {error or type(error).__name__}"
        return Finding(about, Fault(wrong, remedy))
    except Fault as fault:
        return Finding(about, fault)


async def _migrated(running: Running) -> Finding:
    from shared.migrate import pending  # noqa: PLC0415

    missing: list[str] = []
    for name in running.urls:
        settings = Settings(
            env=Environment.DEVELOPMENT,
            instance=running.instance,
            postgres_url=running.postgres_url,
            password_file=running.secrets / f"{name}_password",
            restricted_password_file=running.secrets / f"{restricted_role(name)}_password",
        )
        try:
            missing += await pending(settings, [name])
        except (OSError, asyncpg.PostgresError) as error:
            missing.append(f"{name}: {error or type(error).__name__}")
    fault = Fault(f"Chưa cập nhật · Not migrated: {', '.join(missing[:SHOWN])}", "chungcu migrate")
    return Finding("cơ sở dữ liệu · databases", fault if missing else None)


def _service(one: Figures, *, broker: bool) -> Iterator[Finding]:
    """Say what is wrong with one service; what follows from a silent broker is said once, with the broker."""
    if not one.ready:
        yield Finding(one.name, Fault(f"{one.name} {_state(one)} ({one.url})", f"chungcu logs {one.name}"))
        return
    yield Finding(f"{one.name} {one.url}")
    degraded = [what for what in ("telling", "hearing") if one.words.get(what) is False]
    if degraded and broker:
        wrong = f"{one.name}: chưa nối với RabbitMQ · not connected to RabbitMQ ({', '.join(degraded)})"
        yield Finding(one.name, Fault(wrong, f"chungcu logs {one.name}"))
    if one.unsent is not None and one.unsent > OLD_NEWS:
        wrong = f"{one.name}: tin chờ gửi đã {one.unsent:.0f} s · an event has waited {one.unsent:.0f} s to be sent"
        yield Finding(one.name, Fault(wrong, f"chungcu logs {one.name}"))
    if one.parked:
        yield _parked(one.name, one.parked, one.oldest_parked or 0.0)
    if one.differences:
        wrong = f"{one.name}: {one.differences:.0f} chỗ khác sổ gốc · figures differ from the journal"
        yield Finding(one.name, Fault(wrong, "chungcu verify reporting"))
    if one.consumers == 0:
        wrong = f"{one.name}: không ai nghe hàng đợi · nobody hears its queue ({one.waiting} chờ · waiting)"
        yield Finding(one.name, Fault(wrong, f"chungcu logs {one.name}"))


def _state(one: Figures) -> str:
    if not one.status:
        return "không trả lời · does not answer"
    failing = [what for what in ("database",) if one.words.get(what) is False]
    return f"chưa sẵn sàng · not ready ({', '.join(failing) or one.status})"


def _figures(name: str, url: str, queue: tuple[int, int] | None) -> Figures:
    status, words = readiness(url)
    samples: dict[str, float] = {}
    with suppress(OSError, ValueError), urllib.request.urlopen(f"{url}/metrics", timeout=3) as answer:  # noqa: S310
        for family in text_string_to_metric_families(answer.read().decode()):
            samples |= {sample.name: sample.value for sample in family.samples if not sample.labels}
    return Figures(
        name=name,
        url=url,
        status=status,
        words=words,
        unsent=samples.get("chungcu_oldest_unsent_seconds"),
        parked=samples.get("chungcu_parked"),
        oldest_parked=samples.get("chungcu_parked_oldest_seconds"),
        differences=samples.get("chungcu_comparison_differences"),
        waiting=queue[0] if queue else None,
        consumers=queue[1] if queue else None,
    )


async def _queues(running: Running) -> dict[str, tuple[int, int]]:
    """Return how many messages and consumers each service's queue has; nothing for a broker that is silent."""
    settings = Settings(env=Environment.DEVELOPMENT, instance=running.instance, rabbitmq_url=running.rabbitmq_url)
    return {name: counts async for name, counts in _each_queue(settings, list(running.urls))}


async def _each_queue(settings: Settings, names: list[str]) -> AsyncIterator[tuple[str, tuple[int, int]]]:
    with suppress(*servers.SILENT):
        connection = await aio_pika.connect(settings.broker(), timeout=5)
        async with connection:
            for name in names:
                # A passive declaration of what is not there closes its channel: one for each.
                with suppress(aio_pika.exceptions.ChannelClosed):
                    channel = await connection.channel()
                    told = await channel.declare_queue(settings.on_the_bus(name), passive=True)
                    yield (
                        name,
                        (told.declaration_result.message_count or 0, told.declaration_result.consumer_count or 0),
                    )


def _count(number: float | None) -> str:
    return "?" if number is None else f"{number:.0f}"
