"""What is locked to be changed is read anew, whatever the session holds of it."""

from uuid import UUID

import httpx
from fastapi import FastAPI

from services.registry.households.kind import HOUSEHOLD
from services.registry.households.tables import HouseholdRow
from shared.db.database import Database
from shared.journal.records import find
from shared.security.access import Caller
from tests.registry.conftest import CHUNAN
from tests.registry.samples import MERGE, household


async def test_what_somebody_has_changed_since_is_seen(
    committed_app: FastAPI, committed_clerk: httpx.AsyncClient
) -> None:
    made = (await committed_clerk.post("/v1/households", json=household())).json()
    database: Database = committed_app.state.database
    caller = Caller("clerk", "clerk", CHUNAN, frozenset())
    async with database.session() as session:
        before = await session.get_one(HouseholdRow, UUID(made["id"]))
        amended = await committed_clerk.patch(
            f"/v1/households/{made['id']}",
            json={"address": "（虚构）3 号"},
            headers={**MERGE, "If-Match": '"1"'},
        )
        assert amended.status_code == 200, amended.text
        assert before.version == 1
        row = await find(session, HOUSEHOLD, before.id, caller, for_update=True)
        assert (row.version, row.address) == (2, "（虚构）3 号")
