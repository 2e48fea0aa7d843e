"""What is wrong with facts, told in few words however much is wrong."""

from collections.abc import Sequence

from shared.values.bilingual import Bilingual

Fault = tuple[str, str, Bilingual]
"""A pointer to what is wrong, a stable code, and what to send instead."""
MOST_LISTED = 10


def first_of(detail: Bilingual, faults: Sequence[Fault]) -> tuple[Bilingual, Sequence[Fault]]:
    """Return the first faults, and the detail saying how many more there are."""
    more = len(faults) - MOST_LISTED
    if more <= 0:
        return detail, faults
    told = Bilingual(
        f"{detail.zh}另有 {more} 处未列出。", f"{detail.en} There are {more} more, not listed."
    )
    return told, faults[:MOST_LISTED]
