"""Rows in which the broker or PostgreSQL stops, dies, loses its disk or runs out of it, or throws its clients out."""

import asyncio

import asyncpg

from tests.chaos.city import City
from tests.chaos.proxy import Way
from tests.chaos.rows import row

TERMINATIONS = 30
FILLING = 6.0
"""Seconds for which readers hear nothing, so that there is something to lose."""


@row("broker-stop", "dừng và khởi động lại broker · broker stopped and started", "P1 P2 P3")
async def broker_stop(city: City) -> None:
    """The broker is stopped as its operator would, and commands go on."""
    await asyncio.to_thread(city.servers.stop, "rabbitmq")
    await city.a_while(2.0, 4.0)
    await asyncio.to_thread(city.servers.start)
    city.heal()


@row("broker-kill", "kill −9 broker · broker killed", "P1 P2 P3")
async def broker_kill(city: City) -> None:
    """What the broker has confirmed it has on its disk."""
    city.servers.kill_broker()
    await city.a_while(0.5, 2.0)
    await asyncio.to_thread(city.servers.start)
    city.heal()


@row("broker-alarm", "broker hết đĩa (báo động) 15 s · disk alarm of the broker", "P1 P2 P3")
async def broker_alarm(city: City) -> None:
    """Who publishes is blocked without a word; who acknowledges must not be blocked with him."""
    await asyncio.to_thread(lambda: city.servers.fill_the_brokers_disk(full=True))
    try:
        await asyncio.sleep(15.0)
    finally:
        await asyncio.to_thread(lambda: city.servers.fill_the_brokers_disk(full=False))
    city.heal()


@row(
    "broker-disk",
    "broker mất đĩa khi hàng đợi đầy · broker loses its disk with full queues",
    "P1 P2 P6",
    rests=90.0,
)
async def broker_disk(city: City) -> None:
    """What was confirmed and not yet heard is gone with the disk; the logs have it all, and tell it again."""
    deaf = [wire for (service, server), wire in city.wires.items() if server == "rabbitmq" and service != "boards"]
    for wire in deaf:
        wire.hold(Way.DOWN)
    await asyncio.sleep(FILLING)
    city.servers.kill_broker()
    await asyncio.to_thread(city.servers.lose_the_brokers_disk)
    for wire in deaf:
        wire.reset()
        wire.calm()
    await asyncio.to_thread(city.servers.start)
    await city.ready()
    city.heal()


@row("postgres-restart", "khởi động lại PostgreSQL · PostgreSQL restarted", "P1 P2 P3")
async def postgres_restart(city: City) -> None:
    """PostgreSQL is stopped as its operator would, and started."""
    await asyncio.to_thread(city.servers.stop, "postgres")
    await city.a_while(1.0, 3.0)
    await asyncio.to_thread(city.servers.start)
    city.heal()


@row(
    "postgres-crash",
    "PostgreSQL dừng tức thì (pg_ctl -m immediate) · PostgreSQL crashes",
    "P1 P2 P3",
    forgets=True,
)
async def postgres_crash(city: City) -> None:
    """Whatever was answered is on the disk; where a relay stood need not be, and then it tells some events again."""
    await asyncio.to_thread(city.servers.crash_postgres)
    city.watch.forgive_relays()
    await asyncio.to_thread(city.servers.start)
    city.watch.forgive_relays()
    city.heal()


@row("postgres-terminate", f"pg_terminate_backend ×{TERMINATIONS}, 5/s · back ends terminated", "P1 P2 P3")
async def postgres_terminate(city: City) -> None:
    """Sessions end in the middle of whatever they did."""
    connection = await asyncpg.connect(
        city.system.running.postgres_url, database="postgres", server_settings={"application_name": "chaos"}
    )
    ended = 0
    try:
        while ended < TERMINATIONS:
            ended += len(
                await connection.fetch(
                    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE application_name LIKE 'chungcu %' ORDER BY random() LIMIT 2"""
                )
            )
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    city.heal()
    city.notes.append(f"{ended} phiên · sessions")
