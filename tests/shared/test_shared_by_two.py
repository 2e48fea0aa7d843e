"""What stands in shared serves at least two services, by itself or through what else stands there."""

import grimp
import pytest

from tests.contract.services import SERVICES

RUN_BESIDE = {
    "shared.db.embedded": "the server that deploy and the tests start",
    "shared.tables": "gathered for the migrations of every service",
}
"""What no service imports, and what it is for."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "services", "shared", exclude_type_checking_imports=True, cache_dir=None
    )


def test_everything_shared_serves_two_services(graph: grimp.ImportGraph) -> None:
    alone = {
        module: users
        for module in graph.modules
        if module.startswith("shared.")
        and not module.startswith("shared.testing")
        and not graph.find_children(module)
        and module not in RUN_BESIDE
        and len(users := services_that_use(graph, module)) < 2
    }
    assert not alone, "it belongs to the one service that uses it"


def services_that_use(graph: grimp.ImportGraph, module: str) -> set[str]:
    using = {each.split(".")[1] for each in graph.find_downstream_modules(module) if "." in each}
    return using & set(SERVICES)
