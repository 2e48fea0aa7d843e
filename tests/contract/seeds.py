"""A few records of each service, so that what is generated finds something now and then."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from services.monitoring.clients.rules import Subject
from services.monitoring.zero_outs.following import Judge
from services.registry.kinds import KINDS
from services.rules.vocabulary import load_policy
from tests.monitoring.fakes import FakeRegistry as FakeDivisions
from tests.monitoring.fakes import FakeRules
from tests.registry.belongings import example
from tests.registry.samples import VILLAGE, household, member
from tests.rules.fakes import FakeRegistry

HOUSEHOLD = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
RULES = FakeRules()
Known = dict[str, str]
EVERYWHERE = {
    "division": VILLAGE,
    "village_code": VILLAGE,
    "household_id": HOUSEHOLD,
    "as_of": "2020-10-15",
    "If-Match": '"1"',
}


async def registry(client: httpx.AsyncClient) -> Known:
    """Record a household with one record of each kind."""
    await _made(client, "/v1/households", household(id=HOUSEHOLD))
    return EVERYWHERE | {
        "code": VILLAGE,
        "member_id": await _made(client, "/v1/members", member(HOUSEHOLD)),
        **{
            kind.id_name: await _made(client, kind.address, example(kind, HOUSEHOLD))
            for kind in KINDS
        },
    }


async def rules(client: httpx.AsyncClient) -> Known:
    """Start a draft, ask for a run, and determine a household."""
    subject = {"kind": "household", "id": HOUSEHOLD}
    asked = {"as_of": "2020-10-15"}
    return EVERYWHERE | {
        "release_id": await _made(client, "/v1/releases", {"title": "（虚构）收入线"}),
        "run_id": await _made(client, "/v1/runs", asked | {"division": VILLAGE}),
        "determination_id": await _made(
            client, "/v1/determinations", asked | {"subject": subject, "purpose": "（虚构）核查"}
        ),
        "rule": "household.housing",
        "parameter": "income_line",
        "name": "income_line",
        "path": "parameters/zero_out.yaml",
    }


async def monitoring(client: httpx.AsyncClient) -> Known:
    """Let an item be opened, as by what the feed tells."""
    state = client._transport.app.state  # type: ignore[attr-defined]
    RULES.find(Subject("household", HOUSEHOLD), VILLAGE, housing="not_met")
    told = {
        "type": "qingling.registry.household.created",
        "concerns": f"household/{HOUSEHOLD}",
        "division": VILLAGE,
        "data": {"changes": {}},
    }
    apply = await Judge(state.database, RULES, state.clock).plan([told])
    async with state.database.session() as session:
        await apply(session)
    (item,) = (await client.get("/v1/zero-out-items")).json()["items"]
    return EVERYWHERE | {"item_id": item["id"]}


def _registry_with_a_household() -> FakeRegistry:
    registry = FakeRegistry(load_policy())
    registry.record("household", HOUSEHOLD, VILLAGE, housing_grade="C", only_home=True)
    registry.record("village", VILLAGE, VILLAGE)
    return registry


async def _made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    answer = await client.post(path, json=body)
    assert answer.is_success, answer.text
    made: str = answer.json()["id"]
    return made


SEEDS: dict[str, Callable[[httpx.AsyncClient], Awaitable[Known]]] = {
    "registry": registry,
    "rules": rules,
    "monitoring": monitoring,
}
STAND_INS: dict[str, dict[str, Any]] = {
    "registry": {},
    "rules": {"registry": _registry_with_a_household()},
    "monitoring": {"rules": RULES, "registry": FakeDivisions()},
}
