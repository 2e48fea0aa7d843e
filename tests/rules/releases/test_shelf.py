"""Which release judges, and what a database makes of the policy that the service ships with."""

from datetime import date
from uuid import uuid4

import httpx
import pytest

from services.rules.releases.domain import ReleaseState
from services.rules.releases.shelf import Shelf
from services.rules.vocabulary import load_policy, policy_digest
from shared.db.database import Database
from shared.problems import NotFound
from tests.rules.conftest import VILLAGE

EVALUATION = {
    "subject_kind": "household",
    "division": VILLAGE,
    "as_of": "2020-10-01",
    "facts": {"housing_grade": {"value": "A", "date": "2020-06-10"}},
}


async def test_an_empty_database_is_judged_by_the_shipped_policy(shelf: Shelf) -> None:
    first = await shelf.in_force(date(2020, 1, 1))
    assert (first.number, first.state, first.in_force_from) == (1, ReleaseState.IN_FORCE, None)
    assert first.digest == first.policy.release == load_policy().release
    assert await shelf.in_force(date(1999, 1, 1)) == first
    assert await shelf.get(first.id) == first
    assert await shelf.by_digest(first.digest) == first
    assert "facts/household.yaml" in await shelf.files(first.id)


async def test_what_does_not_exist_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(NotFound):
        await shelf.get(uuid4())
    with pytest.raises(NotFound):
        await shelf.by_digest("0" * 64)
    with pytest.raises(NotFound):
        await shelf.files(uuid4())


async def test_evaluations_name_the_release_in_force(
    province: httpx.AsyncClient, shelf: Shelf
) -> None:
    answer = await province.post("/v1/evaluations", json=EVALUATION)
    assert answer.status_code == 200, answer.text
    assert answer.json()["release"] == (await shelf.in_force(date(2020, 10, 1))).digest


async def test_a_shipped_policy_that_the_database_does_not_know_becomes_a_draft(
    rules_database: Database, shelf: Shelf
) -> None:
    first = await shelf.in_force(date(2020, 10, 1))
    files = await shelf.files(first.id)
    path = "rules/zero_out/household/housing.yaml"
    changed = files | {path: files[path].replace("不是 C 级或 D 级危房", "安全")}
    for _ in range(2):
        updated = Shelf(rules_database, shipped=changed)
        assert (await updated.in_force(date(2020, 10, 1))).id == first.id
    draft = await updated.by_digest(policy_digest(changed))
    assert (draft.number, draft.state) == (2, ReleaseState.DRAFT)
    assert await updated.files(draft.id) == changed
