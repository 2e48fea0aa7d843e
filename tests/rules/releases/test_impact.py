"""What a proposed release would change, judged over every county before anybody approves."""

import asyncio
import os
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from services.rules.main import create_app
from services.rules.releases import shelf as shelf_of_service
from services.rules.releases.impact import IMPACT_JOB, run_impact
from services.rules.scopes import Scope
from services.rules.settings import RulesSettings
from shared.clock import SystemClock
from shared.jobs.worker import requeue_stalled, run_worker
from shared.security.issuer import LocalIssuer
from shared.testing.clients import client_of, running
from shared.testing.databases import Databases
from shared.testing.plugin import TokenMaker, settings_for
from tests.rules.conftest import URLS, VILLAGE, CallerMaker
from tests.rules.fakes import FakeRegistry
from tests.rules.releases.conftest import Releases, code
from tests.rules.releases.policies import FACTS, FILES, HOME, HOME_PATH, LINES, LINES_PATH
from tests.shared.jobs.test_faults import silence_heartbeats

CHUNAN, KAIHUA = "330127000000", "330824000000"
ELSEWHERE = "330824100201"
HOME_CASES_PATH = HOME_PATH.replace(".yaml", ".cases.yaml")


@pytest.fixture
def registry(registry: FakeRegistry) -> FakeRegistry:
    """Four households and two villages, in two counties of two cities."""
    for number, (village, income) in enumerate(
        ((VILLAGE, "7000.00"), (VILLAGE, "8500.00"), (VILLAGE, "9500.00"), (ELSEWHERE, "8500.00"))
    ):
        registry.record("household", f"household-{number}", village, heads=1, income=income)
    registry.record("household", "household-9", ELSEWHERE, heads=1)
    registry.record("village", VILLAGE, VILLAGE, weak=True)
    registry.record("village", ELSEWHERE, ELSEWHERE, weak=False)
    return registry


async def test_flips_are_counted_by_county_rule_and_outcomes(
    releases: Releases, caller: CallerMaker
) -> None:
    release = await releases.step(await releases.raised(), "propose", {"judged_on": "2020-09-15"})
    pending = await releases.read(release, "/impact")
    assert (pending["job_state"], pending["computed_at"], pending["flips"]) == ("queued", None, [])
    refused = await releases.step(release, "approve", status=409)
    assert code(refused) == "impact-not-computed"
    await releases.run_impact(release)
    impact = await releases.read(release, "/impact")
    assert (impact["job_state"], impact["judged_on"]) == ("succeeded", "2020-09-15")
    assert impact["files_digest"] == release["files_digest"]
    assert impact["counties"] == [
        {
            "county": CHUNAN,
            "households": 3,
            "households_changed": 1,
            "villages": 1,
            "villages_changed": 0,
        },
        {
            "county": KAIHUA,
            "households": 2,
            "households_changed": 1,
            "villages": 1,
            "villages_changed": 0,
        },
    ]
    flip = {"rule": "household.income", "before": "met", "after": "not_met"}
    assert impact["flips"] == [flip | {"subjects": 2}]
    first = await releases.read(release, "/impact/flips?limit=1&count=true")
    assert (first["items"], first["total"]) == ([flip | {"county": CHUNAN, "subjects": 1}], 2)
    second = await releases.read(release, f"/impact/flips?limit=1&cursor={first['next']}")
    assert second["items"] == [flip | {"county": KAIHUA, "subjects": 1}]
    narrowed = await releases.read(release, f"/impact/flips?county={KAIHUA}&rule=household.home")
    assert narrowed["items"] == []
    county = caller(division=CHUNAN)
    seen = (await county.get(f"/v1/releases/{release['id']}/impact")).json()
    assert [one["county"] for one in seen["counties"]] == [CHUNAN]
    flips = f"/v1/releases/{release['id']}/impact/flips"
    assert (await county.get(flips)).json()["items"] == first["items"]
    assert (await county.get(flips, params={"county": KAIHUA})).status_code == 404
    assert {day for _, _, day in releases.registry.asked} == {date(2020, 9, 15)}
    assert (await releases.step(release, "approve"))["state"] == "approved"


async def test_rules_that_come_and_go_are_named(releases: Releases) -> None:
    draft = await releases.draft()
    files = dict(FILES) | {"rules/shown/household/house.yaml": HOME.replace(".home", ".house")}
    cases = FILES[HOME_CASES_PATH].replace(".home", ".house")
    files["rules/shown/household/house.cases.yaml"] = cases
    del files[HOME_PATH], files[HOME_CASES_PATH]
    answer = await releases.drafter.put(
        f"/v1/releases/{draft['id']}/files",
        json={"files": files},
        headers={"If-Match": f'"{draft["version"]}"'},
    )
    release = await releases.step(answer.json(), "propose", {})
    await releases.run_impact(release)
    impact = await releases.read(release, "/impact")
    assert impact["rules_added"] == ["household.house"]
    assert impact["rules_removed"] == ["household.home"]


@pytest.mark.parametrize(
    ("change", "without_effect"),
    [
        ({LINES_PATH: LINES.replace('"8000.00"', '"9000.00"')}, []),
        (
            {LINES_PATH: LINES + '      - {value: "9000.00", from: 2030-01-01}\n'},
            [("parameters/line", "begins_after")],
        ),
        (
            {
                LINES_PATH: LINES
                + '      - {value: "9000.00", from: 2020-01-01, division: "330206000000"}\n'
            },
            [("parameters/line", "no_subject")],
        ),
        (
            {
                HOME_PATH: HOME.replace("from: 2020-01-01", "from: 2030-01-01"),
                HOME_CASES_PATH: FILES[HOME_CASES_PATH].replace("2020-10-01", "2030-10-01"),
            },
            [],
        ),
    ],
    ids=["at once", "later", "elsewhere", "a rule out of force"],
)
async def test_changes_that_change_nothing_are_named_and_why(
    releases: Releases, change: dict[str, str], without_effect: list[tuple[str, str]]
) -> None:
    draft = await releases.draft()
    for path, text in change.items():
        draft = await releases.put(draft, path, text)
    release = await releases.step(draft, "propose", {"judged_on": "2020-09-15"})
    await releases.run_impact(release)
    impact = await releases.read(release, "/impact")
    assert [(one["name"], one["code"]) for one in impact["without_effect"]] == without_effect
    assert all(one["detail"]["zh"] and one["detail"]["en"] for one in impact["without_effect"])


async def test_an_impact_against_another_release_is_computed_again(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_of_service, "REREAD_SECONDS", 0)
    release = await releases.proposed()
    other = await releases.scheduled("2020-10-01")
    refused = await releases.step(release, "approve", status=409)
    assert code(refused) == "impact-outdated"
    await releases.step(release, "assess", {})
    assert code(await releases.step(release, "assess", {}, status=409)) == "impact-in-progress"
    await releases.run_impact(release)
    impact = await releases.read(release, "/impact")
    assert (impact["against"], impact["flips"]) == (other["id"], [])
    assert [one["code"] for one in impact["without_effect"]] == ["nothing_changed"]
    assert (await releases.step(release, "approve"))["state"] == "approved"


async def test_a_fact_that_the_registry_does_not_state_fails_the_job_with_words(
    releases: Releases,
) -> None:
    draft = await releases.draft()
    facts = FACTS + "  - {name: dry, title: {zh: 干燥, en: dry}, type: boolean}\n"
    draft = await releases.put(draft, "facts/household.yaml", facts)
    draft = await releases.put(draft, HOME_PATH, HOME.replace("value: safe", "value: safe OR dry"))
    cases = HOME_CASES_PATH
    told = FILES[cases].replace("safe: false", "safe: false, dry: false")
    told = told.replace("missing: [safe]", "missing: [safe, dry]")
    release = await releases.step(await releases.put(draft, cases, told), "propose", {})
    await releases.run_impact(release)
    impact = await releases.read(release, "/impact")
    job = (await releases.drafter.get(f"/v1/jobs/{impact['job_id']}")).json()
    assert (job["state"], job["problem"]["errors"][0]["code"]) == ("failed", "facts-column-missing")
    assert code(await releases.step(release, "approve", status=409)) == "impact-not-computed"
    assert (await releases.step(release, "assess", {}))["state"] == "proposed"


async def test_a_cancelled_job_leaves_nothing_in_view(releases: Releases) -> None:
    release = await releases.step(await releases.raised(), "propose", {})
    job_id = (await releases.read(release, "/impact"))["job_id"]
    assert (await releases.drafter.post(f"/v1/jobs/{job_id}:cancel")).status_code == 200
    await releases.run_impact(release)
    impact = await releases.read(release, "/impact")
    assert (impact["job_state"], impact["counties"]) == ("cancelled", [])
    await releases.step(release, "assess", {})
    await releases.run_impact(release)
    assert (await releases.read(release, "/impact"))["flips"] != []


# A worker in a process of its own, which judges one county and then hangs in the second.
HANGING_WORKER = """
import asyncio, sys
from functools import partial
from services.rules.releases.impact import IMPACT_JOB, run_impact
from services.rules.releases.shelf import Shelf
from services.rules.vocabulary import build_policy
from shared.clock import SystemClock
from shared.db.database import Database
from shared.jobs.worker import run_worker
from tests.rules.fakes import FakeRegistry
from tests.rules.releases.policies import FILES

class Hanging(FakeRegistry):
    async def facts_of_division(self, kind, division, as_of, only=None, *, recorders=False):
        if division.startswith("330824"):
            print("begun", flush=True)
            await asyncio.sleep(600)
        return await super().facts_of_division(kind, division, as_of)

async def main():
    registry = Hanging(build_policy(FILES))
    registry.record("household", "a", "330127100219", heads=1, income="8500.00")
    registry.record("household", "b", "330824100201", heads=1, income="8500.00")
    async with Database(sys.argv[1]) as database:
        shelf = Shelf(database, shipped=FILES)
        task = partial(run_impact, registry=registry, shelf=shelf)
        await run_worker(database, {IMPACT_JOB: task}, SystemClock())

asyncio.run(main())
"""


async def test_a_job_whose_worker_was_killed_is_done_by_another(
    databases: Databases, issuer: LocalIssuer, token: TokenMaker, registry: FakeRegistry
) -> None:
    clock = SystemClock()
    with databases.clone("rules") as address:
        settings = settings_for(RulesSettings, address, issuer.public_keys, **URLS)
        app = create_app(settings, clock=clock, registry=registry, shipped=FILES)
        async with running(app):
            clients = (client_of(app, token(*Scope, subject=name)) for name in ("one", "two"))
            releases = Releases(app, lambda **_: next(clients), registry)
            release = await releases.step(await releases.raised(), "propose", {})
            worker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", HANGING_WORKER, address),
                stdout=asyncio.subprocess.PIPE,
                env=dict(os.environ) | {"PYTHONPATH": str(Path.cwd())},
            )
            assert worker.stdout is not None
            assert (await worker.stdout.readline()).strip() == b"begun"
            worker.kill()
            await worker.wait()
            impact = await releases.read(release, "/impact")
            assert (impact["job_state"], impact["counties"]) == ("running", [])
            await silence_heartbeats(releases.database)
            assert await requeue_stalled(releases.database) == 1
            task = partial(run_impact, registry=registry, shelf=releases.shelf)
            await run_worker(releases.database, {IMPACT_JOB: task}, clock, until_idle=True)
            impact = await releases.read(release, "/impact")
            assert (impact["job_state"], impact["flips"][0]["subjects"]) == ("succeeded", 2)
            await asyncio.gather(releases.drafter.aclose(), releases.approver.aclose())
