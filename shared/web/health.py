"""What ``/readyz`` and ``/metrics`` watch beside the database itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from shared.db.connecting import DriverConnection


@dataclass(frozen=True)
class Health:
    """What a watch found: ``details`` to show; degraded is served on, stuck is not ready."""

    details: dict[str, Any] = field(default_factory=dict)
    degraded: bool = False
    stuck: bool = False


Watch = Callable[[DriverConnection], Awaitable[Health]]
"""Looks at one thing, and sets its gauges."""
