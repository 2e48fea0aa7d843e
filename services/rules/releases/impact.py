"""What a proposed release would change: every household and village judged twice, county by county."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import delete

from services.rules.clients.registry import RegistryClient
from services.rules.effects import (
    NoEffect,
    effect_missed_by_parameter,
    effect_missed_by_rule,
    names_used,
)
from services.rules.engine import OUTCOMES, EngineError, Policy
from services.rules.engine.flips import DIVISION, flip_counts, flips
from services.rules.releases.refusals import ImpactInProgress
from services.rules.releases.shelf import Shelf
from services.rules.releases.tables import FlipCountRow, ImpactRow, ReleaseRow
from services.rules.subjects import ID_COLUMN, KINDS, PROVINCE, SubjectKind
from shared.ids import new_id
from shared.jobs.queue import enqueue
from shared.jobs.run import JobResult, JobRun
from shared.jobs.tables import FINAL, JobRow
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual
from shared.web.work import Work

IMPACT_JOB = "release_impact"
SUBJECT = "subject"
COUNTY_DIGITS = 6


async def request_impact(work: Work, shelf: Shelf, row: ReleaseRow, judged_on: date) -> None:
    """Ask for the impact of a release, which replaces what was computed before.

    Raises:
        ImpactInProgress: it is being computed.

    """
    session = work.session
    earlier = await session.get(ImpactRow, row.id, with_for_update=True)
    if earlier is not None:
        job = await session.get_one(JobRow, earlier.job_id)
        if job.state not in FINAL:
            raise ImpactInProgress(
                Bilingual(
                    f"影响正在测算（任务 {job.id}）；请等其结束，或先取消该任务。",
                    f"The impact is being computed by job {job.id}; wait for it, or cancel it first.",
                )
            )
        await session.delete(earlier)
        await session.flush()
    against = await shelf.in_force(judged_on)
    arguments = {"release_id": str(row.id)}
    job_id = new_id()
    await enqueue(work, IMPACT_JOB, PROVINCE, arguments, job_id=job_id, lock=f"impact:{row.id}")
    session.add(
        ImpactRow(
            release_id=row.id,
            job_id=job_id,
            files_digest=row.files_digest,
            against=against.id,
            judged_on=judged_on,
            counties=[],
            rules_added=[],
            rules_removed=[],
            without_effect=[],
        )
    )
    await session.flush()


async def run_impact(run: JobRun, registry: RegistryClient, shelf: Shelf) -> JobResult:
    """Compute the impact of a release; all of it comes into view at once, with the job's success.

    Raises:
        InvalidRequest: the registry does not state a fact that one of the releases needs.
        DependencyUnavailable: the registry cannot be reached.
        JobCancelled: somebody asked for it.

    """
    release_id = UUID(run.arguments["release_id"])
    async with run.database.session() as session:
        asked = await session.get_one(ImpactRow, release_id)
    before = (await shelf.get(asked.against)).policy
    after = (await shelf.get(release_id)).policy
    computed = _Computed(before, after, registry, asked.judged_on)
    counties = await _counties(registry)
    for done, county in enumerate(counties):
        await run.progress(done, len(counties))
        await computed.add(county)
    await run.progress(len(counties), len(counties))
    result = JobResult(computed.totals(), {"impact": f"/v1/releases/{release_id}/impact"})
    async with run.finishing(result) as work:
        row = await work.session.get_one(ImpactRow, release_id, with_for_update=True)
        await work.session.execute(
            delete(FlipCountRow).where(FlipCountRow.release_id == row.release_id)
        )
        row.counties, row.computed_at = computed.counties, work.now
        row.without_effect = computed.without_effect()
        row.rules_added = sorted(after.rules.keys() - before.rules.keys())
        row.rules_removed = sorted(before.rules.keys() - after.rules.keys())
        work.session.add_all(
            FlipCountRow(release_id=row.release_id, **flip) for flip in computed.flips
        )
    return result


@dataclass
class _Computed:
    """What has been found so far."""

    before: Policy
    after: Policy
    registry: RegistryClient
    judged_on: date
    counties: list[dict[str, Any]] = field(default_factory=list)
    flips: list[dict[str, Any]] = field(default_factory=list)
    villages: set[str] = field(default_factory=set)
    """Where those judged are."""

    async def add(self, county: str) -> None:
        """Judge one county by both policies, on the same facts."""
        found: dict[str, Any] = {"county": county}
        for kind in KINDS:
            names = f"{kind}s"
            facts = await self.registry.facts_of_division(kind, county, self.judged_on)
            flipped = await asyncio.to_thread(self._flips, kind, facts)
            self.villages.update(facts[DIVISION].unique())
            found[names] = facts.height
            found[f"{names}_changed"] = flipped[SUBJECT].n_unique()
            self.flips += _counted(flipped)
        self.counties.append(found)

    def without_effect(self) -> list[dict[str, str]]:
        """Return the changes of parameters and rules that can have made no answer another."""
        if self.before.release == self.after.release:
            return [{"name": "files", "code": NoEffect.NOTHING_CHANGED}]
        policies = (self.before, self.after)
        used = names_used((policy.plan(kind), None) for policy in policies for kind in KINDS)
        found: dict[str, NoEffect | None] = {}
        for name in sorted(self.before.parameters.keys() & self.after.parameters.keys()):
            found[f"parameters/{name}"] = effect_missed_by_parameter(
                policies, name, used, self.villages, self.judged_on
            )
        for name in sorted(self.before.rules.keys() & self.after.rules.keys()):
            found[f"rules/{name}"] = effect_missed_by_rule(policies, name, used, self.judged_on)
        # What is equal was not changed.
        return [
            {"name": name, "code": why}
            for name, why in found.items()
            if why not in (None, NoEffect.EQUAL)
        ]

    def totals(self) -> dict[str, int]:
        """Return the counts of the whole province."""
        names = ("households", "households_changed", "villages", "villages_changed")
        return {name: sum(county[name] for county in self.counties) for name in names}

    def _flips(self, kind: SubjectKind, facts: pl.DataFrame) -> pl.DataFrame:
        known = self.before.plan(kind).deciding
        rules = [name for name in self.after.plan(kind).deciding if name in known]
        try:
            before, after = (
                policy.judge_columns(kind, facts, self.judged_on, DIVISION, rules).with_columns(
                    facts[ID_COLUMN[kind]].alias(SUBJECT)
                )
                for policy in (self.before, self.after)
            )
        except EngineError as error:
            detail = Bilingual(error.message("zh"), error.message("en"))
            raise InvalidRequest(detail, errors=[("/files", error.code, detail)]) from error
        return flips(before, after, SUBJECT, rules)


def _counted(flipped: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for row in flip_counts(flipped, COUNTY_DIGITS).iter_rows(named=True):
        yield {
            "county": row["division"],
            "rule": row["rule"],
            "before": OUTCOMES[row["before"]].value,
            "after": OUTCOMES[row["after"]].value,
            "subjects": row["subjects"],
        }


async def _counties(registry: RegistryClient) -> list[str]:
    """Return the counties of the province, and its cities that have none."""
    found: list[str] = []
    for city in await registry.children(PROVINCE):
        below = await registry.children(city["code"])
        counties = [division["code"] for division in below if division["level"] == "county"]
        found += counties or [city["code"]]
    return found
