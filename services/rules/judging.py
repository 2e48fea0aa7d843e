"""Judging everybody of a division, in columns."""

import asyncio
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.rules.clients.registry import RegistryClient, SubjectKind
from services.rules.engine import Policy


@dataclass(frozen=True)
class Judged:
    """Every household or village of a division, a row each: its facts, and what rules answer.

    ``outcomes`` has the columns of :meth:`Policy.judge_columns`, in the order of ``facts``.
    """

    facts: pl.DataFrame
    outcomes: pl.DataFrame


async def judge_division(
    policy: Policy, registry: RegistryClient, kind: SubjectKind, division: str, as_of: date
) -> Judged:
    """Judge every household or village of a division by what held on a date."""
    facts = await registry.facts_of_division(kind, division, as_of)
    outcomes = await asyncio.to_thread(policy.judge_columns, kind, facts, as_of, "village_code")
    return Judged(facts, outcomes)
