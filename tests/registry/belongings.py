"""Everything that a household can have, by table: where it is recorded, and an example."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from services.registry.base import RegistryBase
from services.registry.households.tables import MemberRow, OfHousehold
from services.registry.kinds import KINDS
from services.registry.recording.kind import Kind
from tests.registry.samples import circumstances, guarantee_check, income_entry, member


def example(kind: Kind[Any], household_id: str, **changes: Any) -> dict[str, Any]:
    """Return the example of a new record of a kind, of a household if it belongs to one."""
    extra: Any = kind.new.model_config["json_schema_extra"]
    owner = {"household_id": household_id} if "household_id" in kind.new.model_fields else {}
    return {**extra["examples"][0], **owner, **changes}


SPELLED_OUT: Mapping[str, Callable[..., dict[str, Any]]] = {
    "income_entry": income_entry,
    "guarantee_check": guarantee_check,
    "circumstances": circumstances,
}
BELONGINGS: dict[type[OfHousehold], tuple[str, Callable[..., dict[str, Any]]]] = {
    MemberRow: ("members", member),
    **{
        kind.table: (kind.path, SPELLED_OUT.get(kind.name) or partial(example, kind))
        for kind in KINDS
        if issubclass(kind.table, OfHousehold)
    },
}


def tables_of_households() -> set[type[OfHousehold]]:
    """Return every table whose rows belong to a household, as the models have them."""
    tables = {mapper.class_ for mapper in RegistryBase.registry.mappers}
    return {table for table in tables if issubclass(table, OfHousehold)}
