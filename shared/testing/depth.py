"""How much is tried of what there is no end of: little at every change, much in ``make test-deep``."""

import os

DEEP = os.environ.get("QINGLING_TESTS") == "deep"


def tries(usual: int) -> int:
    """Return how often something random is tried."""
    return usual * 25 if DEEP else usual
