"""Remembers conferences and the speeches held there."""

from uuid import UUID

from services.boards.domain.conference import Conference, Ground, RecordConference
from services.boards.store.heard import not_in_force, path_on
from shared import event_log
from shared.database import Record, Transaction
from shared.events import ConferenceHeld, SpeechRecorded


async def ground(tx: Transaction, asked: RecordConference) -> Ground:
    """Lock a conference about to be recorded and load what that depends on."""
    await event_log.lock(tx, asked.conference_id)
    return Ground(
        exists=tx.was_told_of(asked.conference_id),
        unit=await path_on(tx, asked.unit, asked.on),
        unknown=await not_in_force(tx, [one.unit_invited for one in asked.invitations], asked.on),
    )


async def conference(tx: Transaction, conference_id: UUID, scope: list[str]) -> Conference | None:
    """Lock and load a conference within the caller's scope."""
    await event_log.lock(tx, conference_id)
    row = await tx.row(
        "SELECT id, unit, held FROM conference WHERE id = $1 AND in_scope(unit, $2)", conference_id, scope
    )
    return Conference(**row) if row else None


async def conference_held(tx: Transaction, event: ConferenceHeld) -> None:
    """Enter a conference with whom it invited."""
    reviewed = event.reviewed
    await tx.execute(
        """WITH entered AS (
               INSERT INTO conference (id, unit, held, kind, reviewed_symbol, reviewed_date, reviewed_issuer)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
            RETURNING id
           )
           INSERT INTO conference_invitation (conference, delegation, unit_id, invited, attended)
                SELECT id, i.*
                  FROM entered, unnest($8::text[], $9::text[], $10::int[], $11::int[]) AS i""",
        UUID(event.subject),
        event.unit,
        event.on,
        event.kind,
        reviewed and reviewed.symbol,
        reviewed and reviewed.date,
        reviewed and reviewed.issuer,
        [one.delegation for one in event.invitations],
        [one.unit_invited for one in event.invitations],
        [one.invited for one in event.invitations],
        [one.attended for one in event.invitations],
    )


async def speech_recorded(tx: Transaction, event: SpeechRecorded) -> None:
    """Enter a speech after those before it."""
    await tx.execute(
        """INSERT INTO speech (conference, nth, held, bloc, topic)
                SELECT $1, count(*) + 1, $2, $3, $4 FROM speech WHERE conference = $1""",
        UUID(event.subject),
        event.on,
        event.bloc,
        event.topic,
    )


async def conferences(tx: Transaction, scope: list[str], after: UUID | None, limit: int) -> list[Record]:
    """Return conferences within a scope, by id."""
    return await tx.fetch(
        """SELECT id, unit, held, kind, reviewed_symbol, reviewed_date, reviewed_issuer
             FROM conference
            WHERE in_scope(unit, $1) AND ($2::uuid IS NULL OR id > $2)
            ORDER BY id
            LIMIT $3""",
        scope,
        after,
        limit,
    )


async def conference_page(tx: Transaction, conference_id: UUID, scope: list[str]) -> Record | None:
    """Return a conference with its invitations and speeches."""
    return await tx.row(
        """SELECT c.*,
                  (SELECT json_agg(json_build_object('delegation', i.delegation, 'unit_invited', i.unit_id,
                                                     'invited', i.invited, 'attended', i.attended)
                                   ORDER BY i.delegation, i.unit_id)
                     FROM conference_invitation AS i WHERE i.conference = c.id) AS invitations,
                  (SELECT json_agg(json_build_object('on', s.held, 'bloc', s.bloc, 'topic', s.topic) ORDER BY s.nth)
                     FROM speech AS s WHERE s.conference = c.id) AS speeches
             FROM conference AS c
            WHERE c.id = $2 AND in_scope(c.unit, $1)""",
        scope,
        conference_id,
    )
