"""Remembers which systems are told what their unit is told; where they are called only sealed."""

from uuid import UUID

from services.notifications.domain.delivery import UNSUBSCRIBED
from services.notifications.domain.webhook import Endpoint, Ground, SubscribeWebhook, Subscription
from shared import event_log
from shared.database import Record, Transaction
from shared.events import WebhookSubscribed, WebhookUnsubscribed
from shared.seal import Seal


async def ground(tx: Transaction, asked: SubscribeWebhook) -> Ground:
    """Lock an endpoint about to be subscribed and load what must be known."""
    await event_log.lock(tx, asked.endpoint_id)
    exists = tx.was_told_of(asked.endpoint_id)
    return Ground(exists, await tx.value("SELECT path FROM unit WHERE id = $1", asked.unit))


async def subscription(tx: Transaction, endpoint_id: UUID, scope: list[str]) -> Subscription | None:
    """Lock and load a subscription within a scope."""
    await event_log.lock(tx, endpoint_id)
    row = await tx.row(
        "SELECT id, path, from_day, until_day FROM endpoint WHERE id = $1 AND in_scope(path, $2)", endpoint_id, scope
    )
    return Subscription(**row) if row else None


async def webhook_subscribed(tx: Transaction, event: WebhookSubscribed, endpoint: Endpoint, seal: Seal) -> None:
    """Enter a system, sealed under a key of its own."""
    owner = _owner(event.subject)
    wrapped_key = seal.new_key(owner)
    await tx.execute(
        """INSERT INTO endpoint (id, unit_id, path, from_day, wrapped_key, sealed)
                VALUES ($1, $2, $3, $4, $5, $6)""",
        UUID(event.subject),
        event.unit.rpartition(".")[2],
        event.unit,
        event.on,
        wrapped_key,
        seal.close(wrapped_key, owner, endpoint.model_dump_json().encode()),
    )


async def webhook_unsubscribed(tx: Transaction, event: WebhookUnsubscribed) -> None:
    """Forget where a system is called; what it has not been told yet it is not told any more."""
    endpoint = UUID(event.subject)
    await tx.execute(
        "UPDATE endpoint SET until_day = $2, wrapped_key = NULL, sealed = NULL WHERE id = $1", endpoint, event.on
    )
    await tx.execute(
        """UPDATE delivery SET status = 'SUPPRESSED', reason = $2, next_at = NULL
            WHERE endpoint = $1 AND status = 'DUE'""",
        endpoint,
        UNSUBSCRIBED,
    )


async def endpoints(
    tx: Transaction, scope: list[str], open_only: bool | None, after: UUID | None, limit: int
) -> list[Record]:
    """Return the systems of a scope, by id."""
    return await tx.fetch(
        """SELECT id, path AS unit, from_day, until_day, wrapped_key, sealed
             FROM endpoint
            WHERE in_scope(path, $1)
              AND ($2::boolean IS NOT TRUE OR until_day IS NULL)
              AND ($3::uuid IS NULL OR id > $3)
            ORDER BY id
            LIMIT $4""",
        scope,
        open_only,
        after,
        limit,
    )


async def endpoint(tx: Transaction, endpoint_id: UUID, scope: list[str]) -> Record | None:
    """Return a system within a scope."""
    return await tx.row(
        """SELECT id, path AS unit, from_day, until_day, wrapped_key, sealed
             FROM endpoint
            WHERE id = $1 AND in_scope(path, $2)""",
        endpoint_id,
        scope,
    )


def opened(seal: Seal, endpoint_id: UUID, wrapped_key: bytes, sealed: bytes) -> Endpoint:
    """Open what is sealed; raise `shared.seal.Broken` when it does not open."""
    return Endpoint.model_validate_json(seal.open(wrapped_key, _owner(str(endpoint_id)), sealed))


def _owner(endpoint_id: str) -> str:
    return f"endpoint:{endpoint_id}"
