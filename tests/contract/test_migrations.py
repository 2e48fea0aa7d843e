"""Models and migrations agree, in every service."""

import pytest
from alembic import command

from shared.db.migrations import alembic_config
from shared.testing.databases import Databases
from tests.contract.services import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_what_the_models_say(service: str, databases: Databases) -> None:
    with databases.clone(service) as address:
        command.check(alembic_config(service, address))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_can_be_taken_back(service: str, databases: Databases) -> None:
    with databases.clone(service) as address:
        config = alembic_config(service, address)
        command.downgrade(config, "base")
        command.upgrade(config, "heads")
        command.check(config)
