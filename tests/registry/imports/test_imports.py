"""Imports end to end: what is written, what is not, and what every row hears of it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from services.registry.households.kind import HOUSEHOLD
from services.registry.households.members.kind import MEMBER
from services.registry.households.tables import HouseholdRow
from services.registry.imports.columns import SHEET_BY_NAME, SHEETS, Sheet
from services.registry.imports.register import lock_households
from services.registry.imports.tables import ImportFileRow
from services.registry.kinds import KINDS as DECLARED
from services.registry.recording.kind import Kind
from services.registry.scopes import Scope
from shared.journal.records import RecordKind
from shared.journal.tables import JournalEntry
from shared.testing.clients import client_of
from shared.testing.plugin import TokenMaker
from tests.registry.belongings import example
from tests.registry.conftest import CHUNAN
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import (
    CHILD,
    HEAD,
    SPOUSE,
    circumstances,
    csv_files,
    everything,
    household,
    income,
    member,
    row_of_example,
    rows_of_everything,
)
from tests.registry.samples import MERGE
from tests.registry.samples import household as recorded

ROWS = rows_of_everything()

KINDS: list[RecordKind[Any]] = [HOUSEHOLD, MEMBER, *(kind for kind in DECLARED if kind.sheets)]


async def journal(desk: Desk) -> list[JournalEntry]:
    async with desk.database.session() as session:
        order = (JournalEntry.transaction, JournalEntry.sequence)
        return list(await session.scalars(select(JournalEntry).order_by(*order)))


async def test_a_whole_workbook_is_imported_with_an_outcome_for_every_row(desk: Desk) -> None:
    done = await desk.import_sheets(everything())
    assert (done["state"], done["written"], done["problems"]) == ("succeeded", True, [])
    assert done["result"] == "written"
    assert done["counts"]["农户"] == {"created": 1}
    assert done["counts"]["成员"] == {"created": 2}
    rows = await desk.rows(done)
    assert [(row["sheet"], row["row"]) for row in rows] == [
        (sheet, place) for sheet, each in everything().items() for place in range(2, 2 + len(each))
    ]
    read = await desk.client.get(f"/v1/households/{rows[0]['record_id']}")
    assert read.json()["phone"] == "138******78"
    assert read.json()["other_causes"] == ["disability", "labour"]
    job = (await desk.client.get(f"/v1/jobs/{done['id']}")).json()
    assert (job["state"], job["counts"]) == ("succeeded", {"created": ROWS})
    assert job["progress"] == {"done": ROWS, "total": ROWS}


async def test_files_are_forgotten_once_an_import_is_over(desk: Desk) -> None:
    await desk.import_sheets(everything())
    await desk.import_files([("x.txt", b"x")])
    async with desk.database.session() as session:
        assert (await session.scalars(select(ImportFileRow.name))).all() == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_imported_records_are_journalled_as_recorded_ones_are(
    desk: Desk, kind: RecordKind[Any]
) -> None:
    await desk.import_sheets(everything())
    entries = {entry.subject_id: entry for entry in await journal(desk)}
    async with desk.database.session() as session:
        rows = list(await session.scalars(select(kind.table)))
    assert rows
    for row in rows:
        entry = entries[str(row.id)]
        state = kind.state(row)
        assert entry.state == state
        assert entry.changes == {}
        assert (entry.type, entry.version) == (kind.event("created"), 1)
        assert (entry.subject_kind, entry.division) == (kind.name, kind.division_of(row))
        assert (entry.actor, entry.recorded_at) == ("clerk", desk.clock.now())


async def test_a_second_run_changes_nothing(desk: Desk) -> None:
    await desk.import_sheets(everything())
    entries = len(await journal(desk))
    again = await desk.import_sheets(everything())
    assert {outcome for counts in again["counts"].values() for outcome in counts} == {"unchanged"}
    assert all(row["record_id"] for row in await desk.rows(again))
    assert len(await journal(desk)) == entries


async def test_what_differs_is_amended_and_what_is_blank_is_left_alone(desk: Desk) -> None:
    first = await desk.import_sheets(everything())
    record = (await desk.rows(first))[0]["record_id"]
    changed = {
        "农户": [household(农户类别="特困")],
        "成员": [member(健康状况="健康")],
        "收入": [income(金额="9000")],
        "住房安全": [dict(everything()["住房安全"][0], 住房等级="B")],
        "家庭状况": [circumstances(机动车辆数=0)],
    }
    done = await desk.import_sheets(changed)
    assert done["counts"] == {sheet: {"updated": 1} for sheet in changed}
    read = await desk.client.get(f"/v1/households/{record}")
    assert read.json()["category"] == "extreme_poverty"
    assert (read.json()["version"], read.json()["phone"]) == (2, "138******78")
    for kind in (SHEET_BY_NAME[name].kind for name in changed):
        async with desk.database.session() as session:
            row = await session.scalar(select(kind.table).where(kind.table.version == 2))
        entry = next(
            e for e in await journal(desk) if e.version == 2 and e.subject_kind == kind.name
        )
        assert entry.state == kind.state(row)
        assert entry.type == kind.event("amended")
    history = (await desk.client.get(f"/v1/households/{record}/history")).json()["items"]
    assert history[1]["changes"]["category"] == {"from": "dibao", "to": "extreme_poverty"}


async def test_imported_records_are_known_since_the_import_and_in_the_feed(desk: Desk) -> None:
    before = desk.clock.now().isoformat()
    desk.clock.move_to(desk.clock.now().replace(hour=6))
    done = await desk.import_sheets(everything())
    address = f"/v1/households/{(await desk.rows(done))[0]['record_id']}"
    assert (await desk.client.get(address, params={"known_at": before})).status_code == 404
    known = await desk.client.get(address, params={"known_at": desk.clock.now().isoformat()})
    assert known.json() == (await desk.client.get(address)).json()
    events = (await desk.client.get("/v1/events")).json()
    assert [event["type"] for event in events][:2] == [
        "qingling.registry.household.created",
        "qingling.registry.member.created",
    ]
    assert len(events) == ROWS


async def test_a_dry_run_judges_every_row_and_writes_nothing(desk: Desk) -> None:
    done = await desk.import_sheets(everything(), dry_run="true")
    assert (done["dry_run"], done["written"]) == (True, False)
    assert done["result"] == "dry_run_passed"
    assert done["counts"]["收入"] == {"created": 2}
    assert [row["record_id"] for row in await desk.rows(done)] == [None] * ROWS
    assert await journal(desk) == []


async def test_one_failed_row_holds_back_all(desk: Desk) -> None:
    sheets = everything() | {"收入": [income(金额="八千"), income(收入项目="公益性岗位")]}
    done = await desk.import_sheets(sheets)
    assert (done["state"], done["written"], done["result"]) == ("failed", False, "refused")
    assert done["counts"]["收入"] == {"failed": 1, "skipped": 1}
    skipped = await desk.rows(done, sheet="农户")
    assert skipped[0]["outcome"] == "skipped"
    assert skipped[0]["record_id"] is None
    assert skipped[0]["problems"][0]["code"] == "all-or-nothing"
    assert await journal(desk) == []


@pytest.mark.parametrize(
    ("mode", "other", "advice"),
    [("all_or_nothing", 8000, "each_row"), ("each_row", "九千", "改正这些行")],
)
async def test_an_import_that_is_refused_fails_and_says_what_to_do(
    desk: Desk, mode: str, other: Any, advice: str
) -> None:
    await desk.import_sheets({"农户": [household()]})
    rows = [income(金额="八千"), income(收入项目="公益性岗位", 金额=other)]
    done = await desk.import_sheets({"收入": rows}, mode=mode)
    job = (await desk.client.get(f"/v1/jobs/{done['id']}")).json()
    assert (done["state"], job["state"], done["result"]) == ("failed", "failed", "refused")
    assert job["problem"]["type"] == "urn:qingling:problem:import-refused"
    assert job["problem"]["detail"].startswith(f"2 行中有 {job['counts']['failed']} 行有误")
    assert advice in job["problem"]["detail"]
    told = f"{job['results']['rows']}?outcome=failed"
    assert told in job["problem"]["detail"]
    read = (await desk.client.get(told)).json()["items"]
    assert len(read) == job["counts"]["failed"] == done["counts"]["收入"]["failed"]
    assert done in (await desk.client.get("/v1/imports?state=failed")).json()["items"]


@pytest.mark.parametrize("mode", ["all_or_nothing", "each_row"])
async def test_what_is_recorded_already_and_what_is_only_tried_succeeds(
    desk: Desk, mode: str
) -> None:
    await desk.import_sheets(everything())
    again = await desk.import_sheets(everything(), mode=mode)
    assert (again["state"], again["result"]) == ("succeeded", "nothing_to_write")
    tried = await desk.import_sheets({"收入": [income(金额="八千")]}, mode=mode, dry_run="true")
    assert (tried["state"], tried["result"]) == ("succeeded", "dry_run_refused")


@pytest.fixture
async def full_width(desk: Desk) -> str:
    """Record a household as those before were, its number full-width, and return its id."""
    made = (await desk.client.post("/v1/households", json=recorded(number="CA-1"))).json()
    async with desk.database.session() as session:
        await session.execute(update(HouseholdRow).values(number="ＣＡ－１"))
    return str(made["id"])


@pytest.mark.parametrize("written", ["CA-1", "ＣＡ－１", "ＣA-１"])
async def test_a_number_recorded_full_width_is_found_by_everybody(
    desk: Desk, full_width: str, written: str
) -> None:
    found = await desk.client.get("/v1/households", params={"number": written})
    assert [(each["id"], each["number"]) for each in found.json()["items"]] == [
        (full_width, "ＣＡ－１")
    ]
    taken = await desk.client.post("/v1/households", json=recorded(number=written))
    assert taken.status_code == 409
    other = (await desk.client.post("/v1/households", json=recorded(number="CA-2"))).json()
    renamed = await desk.client.patch(
        f"/v1/households/{other['id']}",
        json={"number": written},
        headers=MERGE | {"If-Match": '"1"'},
    )
    assert renamed.status_code == 409, renamed.text
    sheets = {"农户": [household(written)], "收入": [income(written)]}
    done = await desk.import_sheets(sheets)
    assert done["counts"] == {"农户": {"unchanged": 1}, "收入": {"created": 1}}
    done = await desk.import_sheets({"农户": [household(written, 住址="（虚构）2 号")]})
    (row,) = await desk.rows(done)
    assert (row["outcome"], row["record_id"]) == ("updated", full_width)
    read = (await desk.client.get(f"/v1/households/{full_width}")).json()
    assert (read["number"], read["address"]) == ("ＣＡ－１", "（虚构）2 号")


async def test_of_two_numbers_that_differ_in_width_the_exact_one_is_meant(
    desk: Desk, full_width: str
) -> None:
    made = (await desk.client.post("/v1/households", json=recorded(number="CA-2"))).json()
    async with desk.database.session() as session:
        renamed = update(HouseholdRow).where(HouseholdRow.id == made["id"]).values(number="CA-1")
        await session.execute(renamed)
    done = await desk.import_sheets({"农户": [household(住址="（虚构）3 号")]})
    assert [row["record_id"] for row in await desk.rows(done)] == [made["id"]]
    found = await desk.client.get("/v1/households", params={"number": "CA-1"})
    assert {each["id"] for each in found.json()["items"]} == {made["id"], full_width}


async def test_a_dry_run_answers_every_row_beside_a_failed_one(desk: Desk) -> None:
    sheets = everything() | {"收入": [income(金额="八千"), income(收入项目="公益性岗位")]}
    done = await desk.import_sheets(sheets, dry_run="true")
    assert (done["written"], done["result"]) == (False, "dry_run_refused")
    assert done["counts"]["收入"] == {"failed": 1, "created": 1}
    assert "skipped" not in {row["outcome"] for row in await desk.rows(done)}
    assert await journal(desk) == []


async def test_each_row_by_itself_writes_what_it_can(desk: Desk) -> None:
    sheets = everything() | {"收入": [income(金额="八千"), income(收入项目="公益性岗位")]}
    done = await desk.import_sheets(sheets, mode="each_row")
    assert done["written"] is True
    assert done["counts"]["收入"] == {"failed": 1, "created": 1}
    (row,) = await desk.rows(done, outcome="failed")
    assert (row["sheet"], row["row"], row["record_id"]) == ("收入", 2, None)
    (problem,) = row["problems"]
    assert (problem["code"], problem["column"], problem["value"]) == (
        "money-in-words",
        "金额",
        "八千",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_csv_files_do_as_well(desk: Desk, encoding: str) -> None:
    done = await desk.import_files(csv_files(everything(), encoding))
    assert {outcome for counts in done["counts"].values() for outcome in counts} == {"created"}


async def test_who_moves_leaves_one_household_and_joins_another_in_one_file(desk: Desk) -> None:
    await desk.import_sheets(everything())
    moves = {
        "农户": [household("CA-2")],
        "成员": [
            member("CA-2", CHILD, 与户主关系="其他", 加入日期="2020-09-01"),
            member(document=CHILD, 与户主关系="子女", 离开日期="2020-09-01", 离开原因="迁出"),
        ],
    }
    done = await desk.import_sheets(moves)
    assert done["counts"]["成员"] == {"created": 1, "updated": 1}


async def test_a_household_moves_with_all_that_belongs_to_it(desk: Desk) -> None:
    await desk.import_sheets(everything())
    moved = {
        "农户": [household(村编码="330127100231")],
        "成员": [member(document=SPOUSE, 与户主关系="配偶", 姓名="李四"), member(document=HEAD)],
    }
    done = await desk.import_sheets(moved)
    assert done["counts"] == {"农户": {"updated": 1}, "成员": {"created": 1, "unchanged": 1}}
    async with desk.database.session() as session:
        for kind in KINDS:
            villages = await session.scalars(select(kind.table.village_code).distinct())
            assert villages.all() == ["330127100231"]


OF_ONE_SHEET = [kind for kind in DECLARED if kind.sheets and len(kind.sheets.sheets) == 1]


@pytest.mark.parametrize("kind", OF_ONE_SHEET, ids=lambda kind: kind.name)
async def test_a_row_records_what_a_request_does(desk: Desk, kind: Kind[Any]) -> None:
    (sheet,) = (each for each in SHEETS if each.kind is kind)
    row = row_of_example(sheet)
    done = await desk.import_sheets({"农户": [household()], sheet.name: [row]})
    imported = next(each["record_id"] for each in await desk.rows(done, sheet=sheet.name))
    shown = (await desk.client.get(f"{kind.address}/{imported}")).json()
    home = await desk.client.post("/v1/households", json=recorded(number="CA-9"))
    asked = await desk.client.post(kind.address, json=example(kind, home.json()["id"]))
    assert asked.status_code == 201, asked.text
    own = {"id", "household_id"}
    assert {name: shown[name] for name in shown.keys() - own} == {
        name: value for name, value in asked.json().items() if name not in own
    }
    again = await desk.import_sheets({sheet.name: [row]})
    assert again["counts"] == {sheet.name: {"unchanged": 1}}


WHY = {"reason": "（虚构）登记有误"}


async def test_a_file_brings_back_nothing_that_was_voided(desk: Desk) -> None:
    first = await desk.rows(await desk.import_sheets(everything()))
    for sheet in reversed(SHEETS):  # what belongs to a household before the household
        for row in first:
            at = f"{_address(sheet)}/{row['record_id']}:void"
            if row["sheet"] == sheet.name:
                voided = await desk.client.post(at, json=WHY, headers={"If-Match": '"1"'})
                assert voided.json()["voiding"]["voided_at"], voided.text
        again = await desk.import_sheets({sheet.name: everything()[sheet.name]}, mode="each_row")
        codes = {tuple(each["code"] for each in row["problems"]) for row in await desk.rows(again)}
        assert codes == {("record-voided",)}, sheet.name
    corrected = await desk.import_sheets({"农户": [household(农户类别="低边")]})
    assert corrected["counts"] == {"农户": {"created": 1}}


HOUSED = everything()["住房安全"][0]
SAID = {
    "农户": [household(住址=f"（虚构）{number} 号") for number in range(3)],
    "成员": [member(健康状况=health) for health in ("健康", "残疾", "患有大病")],
    "收入": [income(金额=amount) for amount in ("1.00", "2.00", "3.00")],
    "住房安全": [{**HOUSED, "住房等级": grade} for grade in ("D", "C", "A")],
    "家庭状况": [circumstances(机动车辆数=cars) for cars in range(3)],
}
"""By sheet what was said first, what it was amended to, and what is right."""


@pytest.mark.parametrize("name", SAID)
async def test_an_older_file_undoes_no_correction(desk: Desk, token: TokenMaker, name: str) -> None:
    first, second, right = SAID[name]
    await desk.import_sheets({"农户": [household()]} | {name: [first]})
    amended = await desk.import_sheets({name: [second]})
    (row,) = await desk.rows(amended)
    assert row["outcome"] == "updated", row
    at = f"{_address(SHEET_BY_NAME[name])}/{row['record_id']}"
    await desk.client.post(f"{at}:void", json=WHY, headers={"If-Match": '"2"'})
    async with client_of(desk.app, token(*Scope, division=CHUNAN, subject="other")) as other:
        voided = await other.post(f"{at}:void", json=WHY, headers={"If-Match": '"3"'})
    assert voided.json()["voiding"]["voided_at"], voided.text

    async def said_again() -> set[tuple[str, ...]]:
        found = set()
        for said in (first, second):
            done = await desk.import_sheets({name: [said]})
            rows = await desk.rows(done)
            found |= {tuple(each["code"] for each in row["problems"]) for row in rows}
        return found

    assert await said_again() == {("record-voided",)}
    corrected = await desk.import_sheets({name: [right]})
    assert corrected["counts"] == {name: {"created": 1}}
    assert await said_again() == {("record-voided",)}
    again = await desk.import_sheets({name: [right]})
    assert again["counts"] == {name: {"unchanged": 1}}


def _address(sheet: Sheet) -> str:
    own = {"household": "/v1/households", "member": "/v1/members"}
    return sheet.kind.address if isinstance(sheet.kind, Kind) else own[sheet.kind.name]


async def test_a_row_changes_nothing_that_waits_to_be_voided(desk: Desk) -> None:
    done = await desk.import_sheets(everything())
    desk.clock.advance(timedelta(days=1))
    changed = {
        "农户": household(住址="（虚构）2 号"),
        "成员": member(健康状况="健康"),
        "收入": income(金额="1.00"),
    }
    for sheet in SHEETS:
        if sheet.name not in changed:
            continue
        record = next(row["record_id"] for row in await desk.rows(done, sheet=sheet.name))
        at = f"{_address(sheet)}/{record}"
        proposed = await desk.client.post(f"{at}:void", json=WHY, headers={"If-Match": '"1"'})
        assert proposed.json()["voiding"]["voided_at"] is None, proposed.text
        (row,) = await desk.rows(await desk.import_sheets({sheet.name: [changed[sheet.name]]}))
        assert [each["code"] for each in row["problems"]] == ["voiding-proposed"], sheet.name
        assert (await desk.client.get(at)).json() == proposed.json()
    again = await desk.import_sheets(everything())
    assert {row["outcome"] for row in await desk.rows(again)} == {"unchanged"}


async def changed_at_the_lock(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], Awaitable[httpx.Response]],
    sheets: dict[str, Any],
) -> tuple[str, dict[str, Any]]:
    """Import a household, then sheets while it is changed between being read and being locked."""
    first = await desk.import_sheets({"农户": [household()]})
    (home,) = [row["record_id"] for row in await desk.rows(first)]
    asked: list[Any] = []

    async def changed_before(driver: Any, versions: Any) -> bool:
        if not asked:
            assert (await change(f"/v1/households/{home}")).is_success
        asked.append(versions)
        return await lock_households(driver, versions)

    monkeypatch.setattr("services.registry.imports.carrying_out.lock_households", changed_before)
    done = await desk.import_sheets(sheets)
    assert len(asked) == 2
    return home, done


async def test_a_household_that_is_voided_meanwhile_is_judged_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def voided(home: str) -> httpx.Response:
        why = {"reason": "（虚构）重复登记"}
        return await desk.client.post(f"{home}:void", json=why, headers={"If-Match": '"1"'})

    sheets = {"农户": [household(农户类别="低边")], "收入": [income()]}
    home, done = await changed_at_the_lock(desk, monkeypatch, voided, sheets)
    assert done["counts"] == {"农户": {"created": 1}, "收入": {"created": 1}}
    (entry,) = (await desk.client.get("/v1/income-entries")).json()["items"]
    assert entry["household_id"] != home


async def test_a_household_that_ends_meanwhile_is_judged_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ended(home: str) -> httpx.Response:
        patch = {"ended_on": "2020-06-01"}
        return await desk.client.patch(home, json=patch, headers=MERGE | {"If-Match": '"1"'})

    sheets = {"成员": [member(加入日期="2020-07-01")]}
    _, done = await changed_at_the_lock(desk, monkeypatch, ended, sheets)
    assert done["counts"] == {"成员": {"failed": 1}}


async def test_a_row_that_corrects_something_says_which_columns(desk: Desk) -> None:
    await desk.import_sheets(everything())
    again = everything()
    changes: dict[str, dict[str, Any]] = {
        "农户": {"联系电话": "13812345679", "住址": "（虚构）2 号"},
        "成员": {"加入日期": "2019-11-01"},
        "收入": {"金额": 9000},
        "住房安全": {"住房等级": "B"},
        "家庭状况": {"住房套数": 2},
    }
    for sheet, cells in changes.items():
        again[sheet][0] = {**again[sheet][0], **cells}
    for dry_run in ("true", "false"):
        done = await desk.import_sheets(again, dry_run=dry_run)
        rows = await desk.rows(done)
        said = {row["sheet"]: set(row["changed"]) for row in rows if row["outcome"] == "updated"}
        assert said == {sheet: {*cells} for sheet, cells in changes.items()}
        assert {row["changed"] for row in rows if row["outcome"] != "updated"} == {None}
