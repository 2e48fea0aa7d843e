"""What the routes of rules work with beside the releases: a client of the registry."""

from typing import Annotated

from services.rules.clients.registry import RegistryClient
from shared.web.reading import of_application

Registry = Annotated[RegistryClient, of_application("registry")]
"""A client of the registry, speaking for rules."""
