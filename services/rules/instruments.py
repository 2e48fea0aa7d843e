"""What the routes of rules work with: the policy in force and a client of the registry."""

from typing import Annotated

from fastapi import Depends, Request

from services.rules.clients.registry import RegistryClient
from services.rules.engine import Policy


async def _policy(request: Request) -> Policy:
    policy: Policy = request.app.state.policy
    return policy


async def _registry(request: Request) -> RegistryClient:
    client: RegistryClient = request.app.state.registry
    return client


PolicyInForce = Annotated[Policy, Depends(_policy)]
"""The checked rules, facts and parameters."""

Registry = Annotated[RegistryClient, Depends(_registry)]
"""A client of the registry, speaking for rules."""
