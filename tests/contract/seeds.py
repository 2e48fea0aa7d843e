"""A few records of each service, so that what is generated finds something now and then."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from services.rules.vocabulary import load_policy
from tests.monitoring.fakes import FakeRegistry as FakeDivisions
from tests.monitoring.fakes import FakeRules
from tests.registry.samples import (
    VILLAGE,
    circumstances,
    figure,
    guarantee_check,
    household,
    income_entry,
    member,
)
from tests.registry.villages.accounts import account
from tests.rules.fakes import FakeRegistry

HOUSEHOLD = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
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
        "account_id": await _made(client, "/v1/village-accounts", account()),
        "figure_id": await _made(client, "/v1/division-figures", figure()),
        "member_id": await _made(client, "/v1/members", member(HOUSEHOLD)),
        "entry_id": await _made(client, "/v1/income-entries", income_entry(HOUSEHOLD)),
        "check_id": await _made(client, "/v1/guarantee-checks", guarantee_check(HOUSEHOLD)),
        "circumstances_id": await _made(client, "/v1/circumstances", circumstances(HOUSEHOLD)),
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


async def monitoring(_: httpx.AsyncClient) -> Known:
    """Nothing: items are opened by what the feed tells."""
    return EVERYWHERE


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
    "monitoring": {"rules": FakeRules(), "registry": FakeDivisions()},
}
