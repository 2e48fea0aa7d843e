"""Applications behind real sockets, served as the command line serves them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from shared.web.connections import server_config


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[int]:
    """Serve an application whose database is open already; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        config = server_config(app, app.state.settings, "127.0.0.1", port)
        config.lifespan = "off"
        server = uvicorn.Server(config)
        # Signals stay those of the tests.
        serving = asyncio.create_task(server._serve([listening]))
        # Whoever connects before it is up waits in the socket's queue.
        yield port
        server.should_exit = server.force_exit = True
        await serving
