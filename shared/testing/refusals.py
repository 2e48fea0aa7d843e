"""Expecting a refusal by its reason."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.values.refusal import WordedRefusal


@contextmanager
def refused(
    family: type[WordedRefusal], reason: str
) -> Iterator[pytest.ExceptionInfo[WordedRefusal]]:
    """Expect the block to raise a refusal of a family for a reason."""
    with pytest.raises(family) as caught:
        yield caught
    assert caught.value.reason == reason
