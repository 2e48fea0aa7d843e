"""The notes' application, and who uses it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from shared.db.database import Database
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.shared import notes
from tests.shared.conftest import AppMaker


@pytest.fixture
async def app(database: Database, make_app: AppMaker) -> FastAPI:
    await notes.make_tables(database)
    return make_app(notes.router, notes.events, max_body_bytes=2000)


@pytest.fixture
async def clerk(app: FastAPI, token: TokenMaker) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, token(*notes.Scope, division="330127000000")) as client:
        yield client
