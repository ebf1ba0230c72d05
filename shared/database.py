"""PostgreSQL: the pool, and a connection inside a transaction."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Record = asyncpg.Record

TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the client says when a session was ended in the middle of its words
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    OSError,
)
"""Faults of the moment: the same work will succeed later (classes 08, 40, 53, 57 and lost connections)."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the same work may succeed later."""
    if isinstance(error, asyncpg.InterfaceError):
        # The client's own complaints: of a connection that is gone, or of how it was called, which no retry mends.
        return "clos" in str(error)
    return isinstance(error, TRANSIENT)


class Transaction:
    """A connection inside a transaction; it remembers which subjects it has locked, and their versions."""

    __slots__ = ("connection", "locked")

    def __init__(self, connection: Connection) -> None:
        """Wrap a connection on which a transaction has begun."""
        self.connection = connection
        self.locked: dict[str, int] = {}

    def was_told_of(self, subject: object) -> bool:
        """Tell whether there is a fact about a subject that is locked: what was never told of does not exist."""
        return self.locked[str(subject)] > 0

    async def fetch(self, sql: str, *values: object) -> list[Record]:
        """Return the rows of one statement."""
        return await self.connection.fetch(sql, *values)

    async def row(self, sql: str, *values: object) -> Record | None:
        """Return the only row of one statement, or none."""
        return await self.connection.fetchrow(sql, *values)

    async def value(self, sql: str, *values: object) -> Any:  # noqa: ANN401 (whatever the column holds)
        """Return the first column of the only row, or none."""
        return await self.connection.fetchval(sql, *values)

    async def execute(self, sql: str, *values: object) -> str:
        """Run one statement."""
        return await self.connection.execute(sql, *values)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what is inside if it fails, and only that."""
        versions = dict(self.locked)
        try:
            async with self.connection.transaction():
                yield
        except BaseException:
            self.locked = versions
            raise


class Database:
    """One service's database."""

    def __init__(self, address: str, name: str, schema: str | None = None, *, exchanged: Iterable[str] = ()) -> None:
        """`name` is shown to whoever looks at the sessions; `schema` is where the tables of a restricted part lie.

        `exchanged` are tables that may be exchanged for others of the same name: a snapshot holds on to them.
        """
        self._address = address
        self._name = name
        self._schema = schema
        self._exchanged = ", ".join(exchanged)
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self, largest: int = 6) -> None:
        """Open the pool; once is enough. A server is shared by all services, and has some hundred connections."""
        if self._pool is not None:
            return
        self._pool = await asyncpg.create_pool(
            self._address,
            min_size=1,
            max_size=largest,
            max_inactive_connection_lifetime=10,
            command_timeout=60,
            max_cacheable_statement_size=0,
            reset=_as_it_is,
            server_settings=self._session,
        )

    @property
    def _session(self) -> dict[str, str]:
        return {
            **({"search_path": self._schema} if self._schema else {}),
            "application_name": self._name,
            "idle_in_transaction_session_timeout": "5s",
            "jit": "off",
            "timezone": "UTC",
        }

    async def close(self) -> None:
        """Close the pool; what still runs may finish."""
        if self._pool:
            await self._pool.close()
            self._pool = None

    @property
    def pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        """Return the open pool."""
        assert self._pool is not None, "the database is not open"
        return self._pool

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False) -> AsyncIterator[Transaction]:
        """Begin a transaction and commit it at the end; `snapshot` reads as of one moment and writes nothing."""
        async with self.pool.acquire() as connection, self._begun(connection, snapshot=snapshot):
            yield Transaction(connection)

    @asynccontextmanager
    async def _begun(self, connection: Connection, *, snapshot: bool) -> AsyncIterator[None]:
        if not (snapshot and self._exchanged):
            begun = connection.transaction(isolation="repeatable_read", readonly=True) if snapshot else None
            async with begun or connection.transaction():
                yield
            return
        # The lock comes before the moment that is read: a table exchanged after it would be empty as of that moment.
        try:
            await connection.execute(
                f"""BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
                    LOCK TABLE {self._exchanged} IN ACCESS SHARE MODE"""
            )
            yield
        finally:
            if not connection.is_closed():
                await connection.execute("COMMIT")

    async def connect(self, within: float | None = None) -> "asyncpg.Connection[asyncpg.Record]":
        """Open a connection of one's own, for what lasts longer than a transaction.

        `within` is how many seconds a statement may take: a server that vanished without a word is noticed by that.
        """
        return await asyncpg.connect(self._address, server_settings=self._session, command_timeout=within)


async def _as_it_is(_: Connection) -> None:
    """Take a connection back as it is: settings and locks of ours end with their transaction, so nothing is undone."""


def columns(things: Iterable[Any], *names: str) -> list[list[Any]]:
    """Turn things into columns for `unnest`; a name is looked up on the thing and then on its `event`."""
    rows: Sequence[Any] = tuple(things)
    return [
        [getattr(thing, name) if hasattr(thing, name) else getattr(thing.event, name) for thing in rows]
        for name in names
    ]
