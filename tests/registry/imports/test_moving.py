"""A household that a file moves takes along whatever belongs to it, each by a journal entry."""

from sqlalchemy import select

from services.registry.households.kind import MOVING_WITH_HOUSEHOLD
from services.registry.households.tables import HouseholdRow
from shared.db.database import Database
from shared.journal.tables import JournalEntry
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import everything, household, member
from tests.registry.samples import OTHER_VILLAGE, VILLAGE, identity_number


async def moved_entries(database: Database) -> list[JournalEntry]:
    async with database.session() as session:
        moved = JournalEntry.type.endswith(".moved")
        order = (JournalEntry.transaction, JournalEntry.sequence)
        return list(await session.scalars(select(JournalEntry).where(moved).order_by(*order)))


async def test_an_import_moves_whatever_belongs_to_a_household(desk: Desk) -> None:
    await desk.import_sheets(everything())
    changed = {
        "农户": [household(村编码=OTHER_VILLAGE, 农户类别="特困")],
        "成员": [
            member(健康状况="健康"),
            member(document=identity_number("19650203", "002"), 与户主关系="配偶", 姓名="李四"),
        ],
    }
    done = await desk.import_sheets(changed)
    assert done["counts"] == {"农户": {"updated": 1}, "成员": {"updated": 1, "created": 1}}
    entries = await moved_entries(desk.database)
    async with desk.database.session() as session:
        for kind in MOVING_WITH_HOUSEHOLD:
            rows = list(await session.scalars(select(kind.table)))
            assert rows
            own = {entry.subject_id: entry for entry in entries if entry.subject_kind == kind.name}
            for row in rows:
                assert row.village_code == OTHER_VILLAGE
                if row.version == 1:
                    continue  # came with this file, to where the household was by then
                entry = own[str(row.id)]
                assert (entry.left_division, entry.division) == (VILLAGE, OTHER_VILLAGE)
                assert (entry.version, entry.changes["village_code"]["from"]) == (2, VILLAGE)
                if row.version == 2:
                    assert entry.state == kind.state(row)
        home = (await session.scalars(select(HouseholdRow))).one()
    (entry,) = [entry for entry in entries if entry.subject_kind == "household"]
    assert (entry.version, entry.left_division) == (2, VILLAGE)
    assert entry.changes.keys() >= {"village_code", "category"}
    assert home.village_code == OTHER_VILLAGE
