"""Invented village accounts, valid as they stand."""

from typing import Any

from tests.registry.samples import VILLAGE


def line(**changes: Any) -> dict[str, Any]:
    return {
        "source": "leasing",
        "amount": "62000.10",
        "operating": True,
        "recurring": True,
    } | changes


def account(**changes: Any) -> dict[str, Any]:
    return {
        "village_code": VILLAGE,
        "year": 2019,
        "relatively_weak": True,
        "lines": [
            line(),
            line(source="service", amount="0.20", recurring=False),
            line(source="subsidy", amount="45000.00", operating=False, recurring=False),
        ],
    } | changes
