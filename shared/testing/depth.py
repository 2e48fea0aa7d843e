"""How much is tried of what there is no end of: little at every change, much in ``make test-deep``."""

import os
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

DEEP = os.environ.get("QINGLING_TESTS") == "deep"

Value = TypeVar("Value")


def tries(usual: int) -> int:
    """Return how often something random is tried."""
    return usual * 25 if DEEP else usual


class Turns(Generic[Value]):
    """Values that take turns where each of many places could be tried with each of them."""

    def __init__(self) -> None:
        self._taken = 0

    def of(self, values: Sequence[Value], usual: int) -> Iterator[Value]:
        """Yield all values in deep tests; else so many, going on where the place before ended."""
        count = len(values) if DEEP else min(usual, len(values))
        for place in range(self._taken, self._taken + count):
            yield values[place % len(values)]
        self._taken += count
