"""Quick random draws that every version of Python repeats."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws(Random):
    """A ``Random`` whose draws of one thing are a single step from ``random()``.

    The sequence of ``random()`` is the one that Python promises to repeat for a seed, and its own
    ``randint`` and ``choice`` take several times as long. The bias is below 2^-40.
    """

    def randint(self, a: int, b: int) -> int:
        """Return one of ``a`` to ``b``, both included."""
        return a + int(self.random() * (b - a + 1))

    def choice(self, seq: Sequence[T]) -> T:  # type: ignore[override]  # typeshed takes __getitem__
        """Return one of the elements."""
        return seq[int(self.random() * len(seq))]
