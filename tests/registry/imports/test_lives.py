"""What a death means, what a document may say, and what was recorded before anybody asked."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from services.registry.households.members.domain import person_of
from tests.registry.imports.conftest import Desk
from tests.registry.imports.workbooks import household as household_row
from tests.registry.imports.workbooks import member as member_row
from tests.registry.samples import MERGE, household, identity_number, member

WAYS = pytest.mark.parametrize("way", ["request", "file", "dry run"])


@pytest.fixture
async def desk(county: Desk) -> Desk:
    """A desk with the households CA-1 and CA-2, and nobody in them."""
    async with county.database.session() as session:
        await session.execute(text("TRUNCATE households CASCADE"))
    for number in ("CA-1", "CA-2"):
        answer = await county.client.post("/v1/households", json=household(number=number))
        assert answer.status_code == 201, answer.text
    return county


async def home(desk: Desk, number: str) -> str:
    listed = await desk.client.get("/v1/households", params={"number": number})
    (found,) = listed.json()["items"]
    return str(found["id"])


async def joined(desk: Desk, number: str, **changes: Any) -> str:
    content = member(await home(desk, number), **changes)
    answer = await desk.client.post("/v1/members", json=content)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def amend(desk: Desk, address: str, **patch: Any) -> tuple[int, str]:
    version = (await desk.client.get(address)).headers["etag"]
    headers = {**MERGE, "If-Match": version}
    answer = await desk.client.patch(address, json=patch, headers=headers)
    return answer.status_code, answer.text


async def refused(desk: Desk, way: str, number: str, *, address: str = "", **cells: Any) -> bool:
    """Enter a member, or amend the one at an address; return whether it is refused as a conflict."""
    names = {"加入日期": "joined_on", "离开日期": "left_on", "离开原因": "leave_reason"}
    if way == "request":
        changes = {names[header]: value for header, value in cells.items()}
        changes |= {"leave_reason": "death"} if "离开原因" in cells else {}
        if address:
            status, _ = await amend(desk, address, **changes)
        else:
            content = member(await home(desk, number), **changes)
            status = (await desk.client.post("/v1/members", json=content)).status_code
        assert status in {200, 201, 409}
        return status == 409
    sheets = {"成员": [member_row(number, **cells)]}
    done = await desk.import_sheets(sheets, dry_run=str(way == "dry run").lower())
    assert done["result"] is not None, done
    return "failed" in done["counts"]["成员"]


@WAYS
async def test_the_dead_join_no_household(desk: Desk, way: str) -> None:
    address = await joined(desk, "CA-1", left_on="2020-06-01", leave_reason="death")
    for day in ("2020-06-01", "2020-09-01"):
        assert await refused(desk, way, "CA-2", 加入日期=day)
        assert await refused(desk, way, "CA-1", 加入日期=day)
    # One who was taken for dead by mistake left for another reason, or not at all.
    assert (await amend(desk, address, leave_reason="moved"))[0] == 200
    assert not await refused(desk, way, "CA-2", 加入日期="2020-09-01")


@WAYS
async def test_nobody_dies_in_a_household_who_joined_another_later(desk: Desk, way: str) -> None:
    address = await joined(desk, "CA-1", left_on="2020-06-01", leave_reason="moved")
    await joined(desk, "CA-2", joined_on="2020-07-01")
    cells = {"离开日期": "2020-06-15", "离开原因": "死亡"}
    assert await refused(desk, way, "CA-1", address=address, **cells)
    earlier = {"离开日期": "2020-06-15"}
    assert not await refused(desk, way, "CA-1", address=address, **earlier)


async def test_a_death_is_corrected_by_a_day_and_frees_the_heads_seat(desk: Desk) -> None:
    address = await joined(desk, "CA-1", left_on="2020-06-01", leave_reason="death")
    for day in ("2020-06-10", "2020-05-10"):
        assert (await amend(desk, address, left_on=day))[0] == 200
    heir = identity_number("19900101", "101")
    await joined(desk, "CA-1", document_number=heir, joined_on="2020-05-10")


BIRTHS = ["10630512", "15000101", "17991231", "18000101", "18850101", "20201002", "29990101"]


@pytest.mark.parametrize("birth", BIRTHS)
async def test_what_a_document_says_is_held_to_what_may_be_written(desk: Desk, birth: str) -> None:
    number = identity_number(birth)
    written = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}"
    typed = {"document_type": "other", "document_number": "P1", "birth_date": written}
    for changes in ({"document_number": number}, typed):
        content = member(await home(desk, "CA-1"), joined_on="2020-10-01", **changes)
        answer = await desk.client.post("/v1/members", json=content)
        assert answer.status_code == 422, answer.text
    cells = {"证件类型": "其他", "出生日期": written}
    rows = [member_row(document=number), member_row(document="P1", **cells)]
    for row in rows:
        done = await desk.import_sheets({"成员": [row]}, dry_run="true", mode="each_row")
        assert done["counts"]["成员"] == {"failed": 1}, row


@pytest.mark.parametrize("birth", ["10630512", "18850101"])
async def test_a_member_recorded_with_such_a_birth_date_can_be_amended(
    desk: Desk, birth: str
) -> None:
    address = await joined(desk, "CA-1")
    member_id, number = address.rpartition("/")[2], identity_number(birth)
    async with desk.database.session() as session:
        await session.execute(
            text(
                "UPDATE members SET birth_date = :birth, document_sealed = :sealed,"
                " document_digest = :digest, left_on = '2031-01-01' WHERE id = :id"
            ),
            {
                "birth": date(int(birth[:4]), int(birth[4:6]), int(birth[6:])),
                "sealed": desk.sealer.seal(number, f"member:{member_id}:document"),
                "digest": desk.sealer.digest(person_of(number)),
                "id": member_id,
            },
        )
    assert (await desk.client.get(address)).status_code == 200
    assert (await amend(desk, address, name="（虚构）李四"))[0] == 200
    rows = {"成员": [member_row(document=number, 健康状况="健康")]}
    done = await desk.import_sheets(rows)
    assert done["counts"]["成员"] == {"updated": 1}, await desk.rows(done)
    right = {"document_number": identity_number(), "birth_date": None, "left_on": None}
    assert (await amend(desk, address, **right))[0] == 200
    assert (await desk.client.get(address)).json()["birth_date"] == "1963-05-12"
    status, body = await amend(desk, address, document_number=number, birth_date=None)
    assert status == 422, body


async def test_a_household_recorded_with_an_end_to_come_can_be_amended(desk: Desk) -> None:
    address = f"/v1/households/{await home(desk, 'CA-1')}"
    async with desk.database.session() as session:
        await session.execute(text("UPDATE households SET ended_on = '2031-01-01'"))
    assert (await amend(desk, address, category="other"))[0] == 200
    done = await desk.import_sheets({"农户": [household_row(农户类别="低保")]})
    assert done["counts"]["农户"] == {"updated": 1}
    assert (await amend(desk, address, ended_on=None))[0] == 200
    assert (await amend(desk, address, ended_on="2031-01-01"))[0] == 422


async def test_who_fails_to_leave_joins_nothing(desk: Desk) -> None:
    """Each row by itself: the row that joins counted on the one that leaves."""
    await joined(desk, "CA-1")
    rows = {
        "成员": [
            member_row("CA-2", 加入日期="2020-09-01"),
            member_row(离开日期="2020-09-01", 健康状况="不知道"),
        ]
    }
    done = await desk.import_sheets(rows, mode="each_row")
    assert done["counts"]["成员"] == {"failed": 2}, await desk.rows(done)


async def test_people_change_places_in_one_file(desk: Desk) -> None:
    one, other = identity_number(), identity_number("19900101", "101")
    await joined(desk, "CA-1", document_number=one)
    await joined(desk, "CA-2", document_number=other)
    leaves, joins = {"离开日期": "2020-09-01", "离开原因": "迁出"}, {"加入日期": "2020-09-01"}
    rows = {
        "成员": [
            member_row("CA-2", one, **joins),
            member_row("CA-1", other, **joins),
            member_row("CA-1", one, **leaves),
            member_row("CA-2", other, **leaves),
        ]
    }
    done = await desk.import_sheets(rows)
    assert done["counts"]["成员"] == {"created": 2, "updated": 2}, await desk.rows(done)


async def joining(desk: Desk, way: str, number: str, day: str, document: str) -> list[str]:
    """Let a person join; return the codes by which it is refused, none if it is granted."""
    relation = {"relation_to_head": "other"}
    if way == "request":
        home_id = await home(desk, number)
        content = member(home_id, joined_on=day, document_number=document, **relation)
        answer = await desk.client.post("/v1/members", json=content)
        assert answer.status_code in {201, 422}, answer.text
        return [each["code"] for each in answer.json().get("errors", [])]
    rows = {"成员": [member_row(number, document, 加入日期=day, 与户主关系="其他")]}
    done = await desk.import_sheets(rows, dry_run=str(way == "dry run").lower())
    (row,) = await desk.rows(done)
    return [each["code"] for each in row["problems"]]


@WAYS
async def test_nobody_joins_a_household_that_has_ended(desk: Desk, way: str) -> None:
    early = await joined(desk, "CA-1", joined_on="2020-03-01")
    status, _ = await amend(
        desk, f"/v1/households/{await home(desk, 'CA-1')}", ended_on="2020-06-01"
    )
    assert status == 200
    heir, last = identity_number("19900101", "101"), identity_number("19910101", "101")
    for day in ("2020-06-01", "2020-09-01"):
        assert await joining(desk, way, "CA-1", day, heir) == ["joined-after-household-ended"]
    assert await joining(desk, way, "CA-1", "2020-05-31", last) == []
    assert (await amend(desk, early, joined_on="2020-06-01"))[0] == 422
    assert (await amend(desk, early, joined_on="2020-05-01"))[0] == 200


async def test_who_joined_after_the_end_once_can_be_amended(desk: Desk) -> None:
    address = await joined(desk, "CA-1", joined_on="2020-08-01")
    async with desk.database.session() as session:
        await session.execute(text("UPDATE households SET ended_on = '2020-06-01'"))
    assert (await amend(desk, address, name="（虚构）李四"))[0] == 200
    done = await desk.import_sheets({"成员": [member_row(加入日期="2020-08-01", 健康状况="健康")]})
    assert done["counts"]["成员"] == {"updated": 1}, await desk.rows(done)
    assert (await amend(desk, address, joined_on="2020-05-01"))[0] == 200
