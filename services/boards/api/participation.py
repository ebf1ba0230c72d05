"""Is asked to tell restricted facts now rather than by itself."""

from fastapi import Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from shared.http import By, DecidingRestricted, Reading, Router

router = Router(tags=["people"])


class Telling(BaseModel):
    """Whether something is left for the next telling, and how far restricted facts go; never how many were told now."""

    left: bool
    position: int


@router.confidential("/v1/participation/telling", needs="participation.tell", answers=Telling)
async def tell_participation(
    tx: Reading, apart: DecidingRestricted, who: By, request: Request, response: Response
) -> Telling:
    """Tell what has come to hold of political participation, or holds no longer, in the periods of your units."""
    state, kept = request.app.state, request.app.state.settings.participation
    told = await store.participation.told(apart)
    periods = domain.participation.to_tell(await store.participation.periods(tx), who.today, who.scope, kept=kept)
    wanted = await store.participation.wanted(tx, state.seal, periods, who.today)
    facts = domain.participation.facts(wanted, domain.participation.concerned(told, periods, kept=kept))
    left = await store.participation.tell(apart, facts, who.now) < len(facts)
    position = await store.participation.position(apart)
    response.headers["Chungcu-Restricted-Position"] = str(position)
    return Telling(left=left, position=position)
