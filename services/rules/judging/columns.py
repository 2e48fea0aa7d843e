"""Judging every household or village of a division in columns."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from services.rules.clients.registry import RegistryClient
from services.rules.engine import FactValue, Policy, StatedBy
from services.rules.subjects import SubjectKind


@dataclass(frozen=True)
class JudgedColumns:
    """Every household or village of a division, a row each: its facts, and what rules answer.

    ``outcomes`` has the columns of :meth:`Policy.judge_columns`, in the order of ``facts``.
    """

    facts: pl.DataFrame
    outcomes: pl.DataFrame

    @cached_property
    def bytes(self) -> int:
        """How much memory it takes, about."""
        return int(self.facts.estimated_size() + self.outcomes.estimated_size())


async def judge_division(
    policy: Policy,
    registry: RegistryClient,
    kind: SubjectKind,
    division: str,
    as_of: date,
    rules: Sequence[str] | None = None,
) -> JudgedColumns:
    """Judge every household or village of a division by what held on a date.

    With ``rules`` only these are answered, and only the facts that they need are asked for.
    """
    facts = await registry.facts_of_division(kind, division, as_of, _needed(policy, kind, rules))
    outcomes = await asyncio.to_thread(
        policy.judge_columns, kind, facts, as_of, "village_code", rules
    )
    return JudgedColumns(facts, outcomes)


def facts_of_row(policy: Policy, kind: str, row: Mapping[str, Any]) -> dict[str, FactValue]:
    """Return the facts of a row of :meth:`RegistryClient.facts_of_division`, without recorders."""
    return {
        name: FactValue(row[name], row.get(fact.dated_by) if fact.dated_by else None, None)
        for name, fact in policy.facts[kind].items()
        if row.get(name) is not None
    }


def _needed(policy: Policy, kind: SubjectKind, rules: Sequence[str] | None) -> list[str] | None:
    if rules is None:
        return None
    facts = policy.plan(kind).narrowed(rules).facts
    return [fact.name for fact in facts if fact.stated_by is StatedBy.REGISTRY]
