"""Is asked to tell restricted facts now rather than at the end of the day."""

from typing import Annotated

from fastapi import Body, Request, Response
from pydantic import BaseModel

from services.boards import domain, store
from shared.caller import Asked
from shared.http import By, DecidingRestricted, Reading, Router

router = Router(tags=["people"])


class Telling(BaseModel):
    """How many restricted facts were told now, how many are left for the next telling, and how many there are."""

    told: int
    left: int
    position: int


@router.confidential("/v1/participation/telling", needs="participation.tell", answers=Telling)
async def tell_participation(
    _: Annotated[Asked, Body()], tx: Reading, apart: DecidingRestricted, who: By, request: Request, response: Response
) -> Telling:
    """Tell what has come to hold of political participation, or no longer holds, in the report periods."""
    state = request.app.state
    periods = domain.participation.must_know(await store.participation.periods(tx), kept=state.settings.participation)
    wanted = await store.participation.wanted(tx, state.seal, periods, who.today)
    facts = domain.participation.facts(wanted, await store.participation.told(apart))
    told = await store.participation.tell(apart, facts, who.now)
    position = await store.participation.position(apart)
    response.headers["Chungcu-Restricted-Position"] = str(position)
    return Telling(told=told, left=len(facts) - told, position=position)
