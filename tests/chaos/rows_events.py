"""Rows in which the bus brings what it should not: poison, garbage, the unknown, and everything three times in no order."""

import asyncio
import hashlib
import json
import time
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import aio_pika
import orjson

from ops.services import SERVICES
from tests.chaos.city import City
from tests.chaos.load import PATH
from tests.chaos.rows import row
from tests.examples import ONE_OF_EACH, told

TIMES = 3
MOST = 1500
"""Events of each log, the latest, that are brought again."""
UNDELAYED = 5.0
LARGE = 2_000_000


@row("poison", "phong bì đúng, vi phạm ràng buộc · well-formed events that no reader can apply", "P2 P3")
async def poison(city: City) -> None:
    """Each is parked with its error; the others are not delayed by it."""
    # A version beyond what a column holds, a board that is none: every word of the contract is kept, and no row fits.
    large: dict[str, Any] = {"version": 1 << 40}
    nameless: dict[str, Any] = {"subject": "khong-phai-ban-quan-tri"}
    bad = [
        ("boards", "buildings.building_registered.v1", large),
        ("notifications", "buildings.building_registered.v1", large),
        ("buildings", "boards.board_closed.v1", nameless),
        ("reporting", "boards.petition_resolved.v1", large),
    ]
    await _parked(city, [(reader, {**_example(kind), **wrong}) for reader, kind, wrong in bad])


@row("garbage", "không phải JSON, rỗng, NUL, lồng sâu, 2 MB · malformed and oversized messages", "P2 P3")
async def garbage(city: City) -> None:
    """Whatever it is, it is put aside and seen, and the reader lives."""
    lone = json.dumps(_envelope("boards.board_closed.v1", {"reason": "\ud800"})).encode()
    bodies = [b"", b"\x00 no json", b"[" * 5000, lone, b"null", b'{"type": 7}', b"\xff" * LARGE]
    await _parked(city, [(reader, body) for reader in ("boards", "reporting") for body in bodies])


@row("unknown", "loại lạ và phiên bản tương lai · unknown types and versions from the future", "P1 P2")
async def unknown(city: City) -> None:
    """What a reader does not know yet waits for the reader that does."""
    kinds = ("boards.board_formed.v99", "gardens.tree_planted.v1", "boards.petition_filed.v2")
    await _parked(city, [(reader, _envelope(kind, {})) for reader in SERVICES for kind in kinds])


@row(
    "three-times",
    f"mỗi sự kiện {TIMES} lần, xáo trộn · every event {TIMES} times, shuffled, into the queues",
    "P2 P6",
)
async def three_times(city: City) -> None:
    """Each changes each reader once, whatever the order, and nobody is written to again."""
    brought = [
        (service.consumers.service, one)
        for service in SERVICES.values()
        for one in await _past(city, set(service.consumers.patterns))
    ] * TIMES
    city.dice.shuffle(brought)
    async with await aio_pika.connect(city.system.broker) as connection, connection.channel() as channel:
        for start in range(0, len(brought), 200):
            await asyncio.gather(
                *(
                    channel.default_exchange.publish(one, routing_key=city.system.bus(reader))
                    for reader, one in brought[start : start + 200]
                )
            )
    city.heal()
    city.notes.append(f"{len(brought)} thông điệp · messages")


async def _past(city: City, patterns: set[str]) -> list[aio_pika.Message]:
    found = []
    for source in SERVICES:
        for one in await city.system.fetch(
            source,
            """SELECT o.logseq, l.id::text, l.type, l.body::text FROM log_order AS o JOIN event_log AS l USING (pos)
                ORDER BY o.logseq DESC LIMIT $1""",
            MOST,
        ):
            if patterns & {"#", f"{one['type']}.#"}:
                headers: dict[str, Any] = {"logsource": source, "logseq": one["logseq"]}
                message = aio_pika.Message(one["body"].encode(), message_id=one["id"], headers=headers, delivery_mode=2)
                found.append(message)
    return found


async def _parked(city: City, bad: list[tuple[str, bytes | dict[str, Any]]]) -> None:
    """Put messages into the queues of readers, and see that they are parked while everything else goes on."""
    expected: dict[str, set[str]] = {}
    async with await aio_pika.connect(city.system.broker) as connection, connection.channel() as channel:
        for reader, one in bad:
            body = one if isinstance(one, bytes) else json.dumps({**one, "id": str(uuid4())}).encode()
            known = parking_id(body)
            expected.setdefault(reader, set()).add(known)
            city.parked_on_purpose[reader].add(known)
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, routing_key=city.system.bus(reader))
    city.heal()
    began = time.monotonic()
    accepted = await city.load.petition()
    assert accepted is not None
    await city.load.seen(accepted.id)
    delayed = time.monotonic() - began
    assert delayed < UNDELAYED, f"an event beside it came after {delayed:.1f} s"
    until = time.monotonic() + 20
    for reader, ids in expected.items():
        while True:
            rows = await city.system.fetch(reader, "SELECT id::text, error FROM parked")
            if ids <= {row["id"] for row in rows}:
                break
            assert time.monotonic() < until, f"not parked by {reader}: {ids - {row['id'] for row in rows}}"
            await asyncio.sleep(0.2)
        assert all(row["error"] for row in rows), "an event was parked without its error"
    city.notes.append(f"{sum(map(len, expected.values()))} để riêng · parked, {delayed:.1f} s")


def parking_id(body: bytes) -> str:
    """Return the id under which a message is parked: its own, or one made of its bytes where it has none."""
    try:
        read = orjson.loads(body)
        assert read["type"]
        assert read["subject"]
        return str(UUID(read["id"]))
    except (ValueError, KeyError, TypeError):
        return str(uuid5(NAMESPACE_OID, hashlib.sha256(body).hexdigest()))


def _example(kind: str) -> dict[str, Any]:
    event = next(one for one in ONE_OF_EACH if one.type == kind)
    body: dict[str, Any] = json.loads(told(event).body)
    return body


def _envelope(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": f"/services/{kind.partition('.')[0]}",
        "type": kind,
        "subject": str(uuid4()),
        "time": "2026-11-01T00:00:00Z",
        "occurredon": "2026-11-01",
        "version": 1,
        "unit": PATH,
        "actor": "chaos",
        "correlationid": str(uuid4()),
        "data": data,
    }
