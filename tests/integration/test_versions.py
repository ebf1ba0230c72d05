"""Two officers who edit one thing, and a log that came from another server."""

from datetime import datetime
from uuid import uuid4

import pytest

from shared import event_log
from shared.caller import HANOI
from shared.database import Database
from shared.relay import UNSENT
from tests.conftest import Serve
from tests.integration.test_log_order import A, B, C, Fresh, command, settled

TODAY = datetime.now(HANOI).date().isoformat()


async def test_of_two_officers_who_read_the_same_version_one_is_told_that_it_changed(serve: Serve) -> None:
    client = (await serve("buildings")).client
    group = str(uuid4())
    formed = {"group_id": group, "ward": "HN-00145-2025", "number": "7", "on": TODAY}
    assert (await client.post("/v1/groups", json=formed)).status_code == 201
    read = (await client.get(f"/v1/groups/{group}")).headers["ETag"]
    named = {"person": str(uuid4()), "on": TODAY}

    first = await client.post(f"/v1/groups/{group}/liaison", json=named, headers={"If-Match": read})
    second = await client.post(f"/v1/groups/{group}/liaison", json=named, headers={"If-Match": read})

    assert (read, first.status_code, first.headers["ETag"]) == ('"1"', 201, '"2"')
    assert (second.status_code, second.json()["type"], second.json()["version"]) == (412, "changed", 2)
    again = await client.post(f"/v1/groups/{group}/liaison", json=named, headers={"If-Match": first.headers["ETag"]})
    assert again.status_code == 201


@pytest.fixture
async def restored(database: Fresh) -> Database:
    """A log of which two events were told, with the transaction ids of a server that was far ahead."""
    boards = await database("boards")
    await command(boards, A)
    await command(boards, B)
    await settled(boards, 2)
    async with boards.transaction() as tx:
        await tx.execute("UPDATE relay SET sent = 2")
    await command(boards, C)
    await command(boards, A)
    async with boards.transaction() as tx:
        await tx.execute("UPDATE event_log SET xid = '999999999999'::xid8")
        await tx.execute("UPDATE relay SET xid = '999999999999'::xid8")
    return boards


async def test_a_restored_log_is_told_on_from_where_it_was_and_in_order(restored: Database) -> None:
    async with restored.transaction() as tx:
        assert await event_log.rebase(tx) == (2, 2)
    await command(restored, B)

    told = await settled(restored, 5)

    async with restored.transaction() as tx:
        unsent = await tx.fetch(UNSENT, 10, 0)

    assert [row["logseq"] for row in unsent] == [3, 4, 5]
    assert told == [(1, A, 1), (2, B, 1), (3, C, 1), (4, A, 2), (5, B, 2)]
