"""Remembers tickets and sessions, by the hashes of their secrets alone."""

from datetime import datetime, timedelta

from services.reporting.domain.session import Session, Ticket
from shared.auth import Identity
from shared.database import Record, Transaction

KEPT = timedelta(days=1)
"""How long a ticket is kept when it is over, to tell who comes with it what is wrong."""


async def ticket_issued(tx: Transaction, hashed: bytes, ticket: Ticket, now: datetime) -> None:
    """Keep a ticket, and forget the tickets and sessions of the past."""
    await tx.execute("DELETE FROM ticket WHERE expires < $1", now - KEPT)
    await tx.execute("DELETE FROM session WHERE expires < $1", now)
    await tx.execute(
        """INSERT INTO ticket (hash, actor, permissions, units, next, expires)
                VALUES ($1, $2, $3, $4, $5, $6)""",
        hashed,
        ticket.identity.actor,
        sorted(ticket.identity.permissions),
        ticket.identity.units,
        ticket.next,
        ticket.expires,
    )


async def ticket(tx: Transaction, hashed: bytes) -> Ticket | None:
    """Lock and load a ticket, so that of two browsers only one gets in."""
    row = await tx.row(
        """SELECT actor, permissions, units, next, expires, used
             FROM ticket
            WHERE hash = $1
              FOR UPDATE""",
        hashed,
    )
    return Ticket(_identity(row), row["next"], row["expires"], row["used"]) if row else None


async def session_begun(tx: Transaction, used: bytes, hashed: bytes, session: Session, now: datetime) -> None:
    """Spend the ticket and keep the session it opened."""
    await tx.execute("UPDATE ticket SET used = $2 WHERE hash = $1", used, now)
    await tx.execute(
        """INSERT INTO session (hash, actor, permissions, units, expires)
                VALUES ($1, $2, $3, $4, $5)""",
        hashed,
        session.identity.actor,
        sorted(session.identity.permissions),
        session.identity.units,
        session.expires,
    )


async def speaks_for(tx: Transaction, hashed: bytes, now: datetime) -> Identity | None:
    """Return whom a session speaks for, while it lasts."""
    row = await tx.row(
        """SELECT actor, permissions, units
             FROM session
            WHERE hash = $1
              AND expires > $2""",
        hashed,
        now,
    )
    return _identity(row) if row else None


def _identity(row: Record) -> Identity:
    return Identity(row["actor"], frozenset(row["permissions"]), tuple(row["units"]))
