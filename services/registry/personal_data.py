"""Personal data in the registry: sealed in the table, masked on the wire."""

from typing import Annotated

from fastapi import Depends, Request

from shared.security.sealing import Sealer


async def _sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


SealerInUse = Annotated[Sealer, Depends(_sealer)]
"""What seals and opens personal data."""
