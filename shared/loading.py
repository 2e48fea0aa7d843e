"""Importing a service, which makes a million objects at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import in the block without looking for garbage, and never look among what it brought.

    Nothing of it is garbage: looking there took a quarter of the start, and a part of every full
    collection afterwards.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
