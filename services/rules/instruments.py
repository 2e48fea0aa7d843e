"""What the routes of rules work with beside the releases: a client of the registry."""

from typing import Annotated

from fastapi import Depends, Request

from services.rules.clients.registry import RegistryClient


async def _registry(request: Request) -> RegistryClient:
    client: RegistryClient = request.app.state.registry
    return client


Registry = Annotated[RegistryClient, Depends(_registry)]
"""A client of the registry, speaking for rules."""
