"""A registry in memory: what it would state of households and villages."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from services.rules.clients.registry import FactsStatement, RegistryClient, StatedSubject
from services.rules.engine import Policy
from services.rules.engine.declarations import StatedBy
from services.rules.engine.units import Kind
from services.rules.subjects import SubjectKind
from shared.divisions import DivisionName
from shared.values import divisions as levels
from shared.values.divisions import contains

BUILT_IN_DIVISIONS = "services/registry/divisions/zhejiang-divisions-2020-06-30.csv"
TYPES = {
    Kind.INTEGER: pl.Int64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.CODE: pl.String,
    Kind.DATE: pl.Date,
}
IDS = {"household": "household_id", "village": "village_code"}
ZHEJIANG = frozenset(
    re.findall(r"^\d{12}", Path(BUILT_IN_DIVISIONS).read_text(encoding="utf-8"), re.MULTILINE)
)
"""The divisions that a registry has before anybody opens or closes one."""
DIGITS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


class FakeRegistry(RegistryClient):
    """States ``subjects`` (kind, id) → (village, facts), in the wire form of one statement each.

    Money is decimal text, as on the wire. A table has the columns that ``dictionary`` declares.
    """

    def __init__(self, dictionary: Policy) -> None:
        self.dictionary = dictionary
        self.subjects: dict[tuple[str, str], tuple[str, dict[str, dict[str, Any]]]] = {}
        self.divisions = {"330000000000": ("浙江省", "province")}
        self.asked: list[tuple[str, str, date]] = []

    def record(self, kind: str, subject_id: str, village: str, **facts: Any) -> None:
        """State facts of a subject, all dated by 2020-09-01."""
        dated = {name: {"value": value, "date": "2020-09-01"} for name, value in facts.items()}
        self.subjects[kind, subject_id] = (village, dated)
        for level, digits in DIGITS.items():
            code = village[:digits].ljust(12, "0")
            self.divisions[code] = (code, level)

    async def close(self) -> None:
        """Nothing is open."""

    async def facts_of(
        self, kind: SubjectKind, subject_id: str, as_of: date
    ) -> FactsStatement | None:
        if (kind, subject_id) not in self.subjects:
            return None
        village, facts = self.subjects[kind, subject_id]
        subject = StatedSubject(kind=kind, id=subject_id, division=village)
        return FactsStatement(subject=subject, as_of=as_of.isoformat(), facts=facts)

    async def facts_of_many(
        self, kind: SubjectKind, ids: Sequence[str], as_of: date
    ) -> dict[str, FactsStatement]:
        found = {id_: await self.facts_of(kind, id_, as_of) for id_ in ids}
        return {id_: one for id_, one in found.items() if one is not None}

    async def facts_of_division(
        self,
        kind: SubjectKind,
        division: str,
        as_of: date,
        only: Iterable[str] | None = None,
        *,
        recorders: bool = False,
    ) -> pl.DataFrame:
        self.asked.append((kind, division, as_of))
        schema = self._schema(kind, None if only is None else set(only))
        rows = [
            self._row(kind, subject_id, village, facts, schema)
            for (of, subject_id), (village, facts) in sorted(self.subjects.items())
            if of == kind and contains(division, village)
        ]
        return pl.DataFrame(rows, schema=schema)

    async def feed_end(self) -> str:
        return str(len(self.subjects))

    async def division_figures(self, division: str, as_of: date) -> FactsStatement:
        subject = StatedSubject(kind="division", id=division, division=division)
        return FactsStatement(subject=subject, as_of=as_of.isoformat(), facts={})

    async def division(self, code: str) -> DivisionName | None:
        if code not in self.divisions and code not in ZHEJIANG:
            return None
        name, level = self.divisions.get(code) or (code, levels.level(code).value)
        return DivisionName(code=code, name=name, level=level)

    async def children(self, code: str) -> list[DivisionName]:
        levels = list(DIGITS)
        level = self.divisions[code][1]
        below = levels[levels.index(level) + 1]
        return [
            DivisionName(code=each, name=name, level=below)
            for each, (name, of_level) in sorted(self.divisions.items())
            if of_level == below and each.startswith(code[: DIGITS[level]])
        ]

    def _schema(self, kind: str, only: set[str] | None) -> dict[str, Any]:
        schema: dict[str, Any] = {"village_code": pl.String, IDS[kind]: pl.String}
        for fact in self.dictionary.facts[kind].values():
            if fact.stated_by is StatedBy.REGISTRY and (only is None or fact.name in only):
                schema[fact.name] = TYPES[fact.type.kind]
                if fact.dated_by is not None:
                    schema[fact.dated_by] = pl.Date
        return schema

    def _row(
        self,
        kind: str,
        subject_id: str,
        village: str,
        facts: dict[str, dict[str, Any]],
        schema: dict[str, Any],
    ) -> dict[str, Any]:
        row = dict.fromkeys(schema) | {"village_code": village, IDS[kind]: subject_id}
        for name, value in self.dictionary.read_facts(kind, facts).items():
            row[name] = value.value
            dated_by = self.dictionary.facts[kind][name].dated_by
            if dated_by is not None:
                row[dated_by] = value.date
        return {name: row[name] for name in schema}
