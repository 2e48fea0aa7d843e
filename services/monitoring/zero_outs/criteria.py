"""Which rules zero-out items are kept for; read once from ``criteria.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("criteria.yaml")


@dataclass(frozen=True)
class Criterion:
    """A rule that must be met, and since when."""

    rule: str
    subject: str
    title: dict[str, str]
    citation: str
    start: date


@cache
def criteria() -> Mapping[str, Criterion]:
    """Return every criterion by its rule."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        entry["rule"]: Criterion(
            entry["rule"], entry["subject"], entry["title"], entry["citation"], entry["from"]
        )
        for entry in entries
    }


def followed_on(day: date) -> frozenset[str]:
    """Return the rules that are followed on a day."""
    return frozenset(rule for rule, one in criteria().items() if one.start <= day)
