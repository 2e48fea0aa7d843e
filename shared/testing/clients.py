"""HTTP clients that talk to an application in the same process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from shared.testing.clock import FrozenClock


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    """Run an application's start-up and shutdown around the block."""
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def as_built(app: FastAPI, clock: FrozenClock) -> AsyncIterator[None]:
    """Run an application that many tests share, and leave its state as it was built.

    ``clock`` is the test's; it must be the one that the application was built with.
    """
    if app.state.clock is not clock:
        raise ValueError(clock)
    built = dict(app.state._state)
    try:
        async with running(app):
            yield
    finally:
        app.state._state.update(built)


def client_of(app: FastAPI, token: str | None = None) -> httpx.AsyncClient:
    """Return a client of a running application; ``token`` is sent with every request."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://service",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
