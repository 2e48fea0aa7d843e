"""What the register already holds of the records in a file, read set by set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import DeclarativeBase

from services.registry.households.numbers import NUMBERED
from services.registry.households.tables import HouseholdRow, MemberRow
from services.registry.recording.tables import STANDS
from shared.db.database import DriverConnection
from shared.values.divisions import DivisionLevel, span
from shared.values.text import half_width
from shared.web.row_pages import Row

Recorded: TypeAlias = Row
"""A row of the register by attribute, as the mapped class names them."""

VILLAGES = """
SELECT code FROM divisions
WHERE code = ANY($1::text[]) AND code >= $2 AND code < $3 AND level = $4
  AND valid_from <= $5 AND (valid_to IS NULL OR valid_to > $5)
"""
NUMBERED_SO = NUMBERED.format("= ANY($1::text[])")
COUNTIES = f"""
SELECT DISTINCT county FROM households
WHERE {NUMBERED_SO} AND {STANDS} AND village_code >= $2 AND village_code < $3
"""  # noqa: S608 - our own condition
LOCK = "SELECT pg_advisory_xact_lock(hashtext('import of county'), $1)"
LOCK_HOUSEHOLDS = """
SELECT count(*) FROM (
    SELECT 1 FROM households
    JOIN unnest($1::uuid[], $2::integer[]) AS read (id, version) USING (id, version)
    ORDER BY id FOR NO KEY UPDATE OF households
) locked
"""


def columns_by_attribute(table: type[DeclarativeBase]) -> dict[str, str]:
    """Return the table's columns by the attribute that stands for each."""
    return {each.key: each.columns[0].name for each in inspect(table).column_attrs}


def selection(table: type[DeclarativeBase]) -> str:
    """Return a SELECT of every column under its attribute's name."""
    listed = ", ".join(f'"{name}" AS "{key}"' for key, name in columns_by_attribute(table).items())
    return f"SELECT {listed} FROM {table.__tablename__} "  # noqa: S608 - our own names


@dataclass(frozen=True)
class Place:
    """Where the caller may write: their division as a range of codes, and the villages in it."""

    first: str
    past_last: str
    villages: frozenset[str]

    def covers(self, code: str) -> bool:
        """Tell whether a division lies within the caller's."""
        return self.first <= code < self.past_last


async def lock_counties(
    driver: DriverConnection, division: str, counties: Iterable[str], numbers: Sequence[str]
) -> None:
    """Let no other import write to the counties concerned until this transaction ends.

    ``counties`` are those that the file names; those of the households that it refers to by number
    are added.
    """
    first, past_last = span(division)
    found = await driver.fetch(COUNTIES, numbers, first, past_last)
    digits = {*counties, *(row["county"] for row in found)}
    for county in sorted(int(each) for each in digits if each.isdecimal() and each.isascii()):
        await driver.execute(LOCK, county)


async def lock_households(driver: DriverConnection, versions: Mapping[UUID, int]) -> bool:
    """Let nobody change these households, or what belongs to them, until this transaction ends.

    Members are recorded and amended under a lock of their household. Return whether each still has the
    version that was read: somebody may have ended or voided one since.
    """
    as_read: int = await driver.fetchval(LOCK_HOUSEHOLDS, [*versions], [*versions.values()])
    return as_read == len(versions)


async def read_place(
    driver: DriverConnection, division: str, villages: Iterable[str], on: date
) -> Place:
    """Return the caller's division with those of the villages that are in force on a day."""
    first, past_last = span(division)
    rows = await driver.fetch(
        VILLAGES, list(villages), first, past_last, DivisionLevel.VILLAGE.value, on
    )
    return Place(first, past_last, frozenset(row["code"] for row in rows))


async def read_households(
    driver: DriverConnection, place: Place, counties: Iterable[str], numbers: Sequence[str]
) -> dict[tuple[str, str], Recorded]:
    """Return the households of these half-width numbers, by county and number.

    One recorded full-width stands under its half-width number, unless another one has that.
    Those of ``counties`` are all there, also outside the caller's division: numbers are unique
    within a county. Of other counties, only those of the caller's division.
    """
    rows = await driver.fetch(
        selection(HouseholdRow)
        + f"""WHERE {NUMBERED_SO} AND {STANDS}
               AND (county = ANY($2::text[]) OR (village_code >= $3 AND village_code < $4))""",
        numbers,
        list(counties),
        place.first,
        place.past_last,
    )
    found = {(row["county"], half_width(row["number"])): row for row in rows}
    exact = {(row["county"], row["number"]): row for row in rows}
    return found | {key: row for key, row in exact.items() if key in found}


async def read_memberships(
    driver: DriverConnection, digests: Sequence[bytes], households: Sequence[UUID]
) -> list[Recorded]:
    """Return the memberships of these persons anywhere, and of everybody in these households."""
    return await driver.fetch(
        selection(MemberRow)
        + f"""WHERE {STANDS} AND (
                 document_digest = ANY($1::bytea[]) OR household_id = ANY($2::uuid[])
             )
             ORDER BY joined_on""",
        digests,
        households,
    )


async def read_entries(
    driver: DriverConnection,
    table: type[DeclarativeBase],
    key: Sequence[str],
    households: Sequence[UUID],
) -> dict[tuple[Any, ...], Recorded]:
    """Return what belongs to these households in a table, by household and the key's attributes."""
    if not households:
        return {}
    rows = await driver.fetch(
        selection(table) + f"WHERE {STANDS} AND household_id = ANY($1::uuid[])", households
    )
    return {(row["household_id"], *(row[name] for name in key)): row for row in rows}
