"""What the registry states and what the rules' dictionary declares are the same facts."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi

from services.registry.facts.columns import FACTS, FIGURES, IDS
from services.registry.facts.statement import statement_for_all
from services.registry.recording.stating import SubjectKind
from services.rules.engine.units import Kind, is_money
from services.rules.vocabulary import load_policy
from shared.testing.databases import Databases
from shared.values.divisions import span
from tests.registry.facts.reference import RECKONED_WITH

ARROW_TYPES = {
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.CODE: pa.string(),
    Kind.DATE: pa.date32(),
}
AS_OF = date(2020, 10, 1)
POLICY = load_policy()
STATED = {
    kind: {fact.name: fact for fact in facts.values() if fact.stated_by == "registry"}
    for kind, facts in POLICY.facts.items()
}
"""What the dictionary declares, without what whoever asks for an evaluation states."""


@pytest.mark.parametrize("kind", FACTS)
def test_the_stream_has_the_columns_and_types_of_the_dictionary(
    kind: SubjectKind, databases: Databases
) -> None:
    expected: dict[str, Any] = dict.fromkeys(IDS[kind], pa.string())
    for fact in STATED[kind].values():
        expected[fact.name] = ARROW_TYPES[fact.type.kind]
        if fact.dated_by is not None:
            expected[fact.dated_by] = pa.date32()
    with databases.clone("registry") as address, dbapi.connect(address) as connection:
        with connection.cursor() as cursor:
            cursor.execute(statement_for_all(kind, span("330000000000"), AS_OF))
            schema = cursor.fetch_arrow_table().schema
        connection.rollback()
    assert {field.name: field.type for field in schema} == expected


@pytest.mark.parametrize("kind", FACTS)
def test_each_fact_has_the_measure_and_the_date_of_the_dictionary(kind: SubjectKind) -> None:
    declared = STATED[kind]
    assert {stated.name: stated.dated_by for stated in FACTS[kind]} == {
        fact.name: fact.dated_by for fact in declared.values()
    }
    for stated in FACTS[kind]:
        type_ = declared[stated.name].type
        measure = {Kind.INTEGER: "count", Kind.BOOLEAN: "boolean", Kind.CODE: "code"}[type_.kind]
        assert stated.measure == ("money" if is_money(type_.dimension) else measure), stated.name


def test_counts_of_members_that_rules_only_ask_any_of_are_declared_as_at_least() -> None:
    declared = STATED["household"]
    counted = {
        stated.name for stated in FACTS["household"] if stated.recorded_by == "roll_recorded_by"
    } - {"household_size", "heads"}
    assert {name for name, fact in declared.items() if fact.at_least} == counted - RECKONED_WITH


def test_figures_of_divisions_are_declared_as_money() -> None:
    for figure in FIGURES:
        assert is_money(POLICY.facts["division"][figure.name].type.dimension), figure.name
