"""The yardstick: FastAPI and asyncpg with nothing around them, giving the registry's answers."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import orjson
from fastapi import FastAPI
from starlette.responses import Response

from services.registry.households.queries import COLUMNS
from shared.db.connecting import connect_arguments

BY_ID = f"SELECT {COLUMNS} FROM households WHERE id = $1"  # noqa: S608
FIRST_PAGE = f"SELECT {COLUMNS} FROM households ORDER BY village_code, id LIMIT $1"  # noqa: S608


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """Open a pool like the registry's own."""
    arguments = connect_arguments(os.environ["QINGLING_DATABASE_URL"])
    async with asyncpg.create_pool(**arguments, min_size=1, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=connected)


@app.get("/v1/households/{household_id}")
async def get_household(household_id: UUID) -> Response:
    """Read a household by key."""
    row = await app.state.pool.fetchrow(BY_ID, household_id)
    return _json(dict(row))


@app.get("/v1/households")
async def list_households(limit: int = 50) -> Response:
    """Read the first households by village."""
    rows = await app.state.pool.fetch(FIRST_PAGE, limit)
    return _json({"items": [dict(row) for row in rows]})


def _json(document: object) -> Response:
    return Response(orjson.dumps(document, default=str), media_type="application/json")
