"""What is no member: each refused with its code, at its place."""

import json
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.registry.households.members.domain import person_of, read_document
from services.registry.vocabulary.notations import is_no_number
from tests.registry.samples import MERGE, identity_number, member

NUMBER = identity_number()


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": ""}, "/name", "string-too-short"),
        ({"name": " 张三"}, "/name", "outer-space"),
        ({"name": "张" * 61}, "/name", "string-too-long"),
        ({"document_type": "passport"}, "/document_type", "unknown-code"),
        ({"document_number": "33012719630512001"}, "/document_number", "identity-number-form"),
        (
            {"document_number": NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")},
            "/document_number",
            "identity-number-check-digit",
        ),
        (
            {"document_number": identity_number("19630230")},
            "/document_number",
            "identity-number-birth-date",
        ),
        ({"document_number": NUMBER + "43"}, "/document_number", "identity-number-form"),
        ({"document_type": "disability_card"}, "/document_number", "identity-number-form"),
        (
            {"document_type": "other", "document_number": "1" * 41},
            "/document_number",
            "string-too-long",
        ),
        ({"document_number": None}, "/document_number", "string-type"),
        ({"birth_date": "1963-05-13"}, "/birth_date", "birth-date-differs"),
        ({"birth_date": "1963-02-30"}, "/birth_date", "date-malformed"),
        ({"birth_date": 19630512}, "/birth_date", "date-malformed"),
        ({"sex": "2"}, "/sex", "sex-differs"),
        ({"sex": "男"}, "/sex", "unknown-code"),
        (
            {"document_number": identity_number("20201002"), "joined_on": "2020-10-02"},
            "/birth_date",
            "born-in-the-future",
        ),
        ({"joined_on": "1963-05-11"}, "/joined_on", "joined-before-birth"),
        ({"left_on": "2019-10-01"}, "/left_on", "left-before-joined"),
        ({"leave_reason": "moved"}, "/leave_reason", "leave-reason-without-date"),
        (
            {"school_status": "in_school", "dropout_reason": "health"},
            "/dropout_reason",
            "dropout-reason-without-dropout",
        ),
        ({"dropout_reason": "health"}, "/dropout_reason", "dropout-reason-without-dropout"),
        ({"employment_months": 13}, "/employment_months", "less-than-equal"),
        ({"employment_months": -1}, "/employment_months", "greater-than-equal"),
        ({"employment_months": 6.0}, "/employment_months", "int-type"),
        ({"employment_months": "6"}, "/employment_months", "int-type"),
        ({"pension": "yes"}, "/pension", "bool-type"),
        ({"dibao": 1}, "/dibao", "bool-type"),
        ({"relation_to_head": "friend"}, "/relation_to_head", "unknown-code"),
        ({"ethnicity": "99"}, "/ethnicity", "unknown-code"),
        ({"household_id": "CA-1"}, "/household_id", "uuid-parsing"),
        ({"age": 57}, "/age", "extra-forbidden"),
    ],
)
async def test_bad_content_is_refused_at_its_place(
    clerk: httpx.AsyncClient, household_id: str, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await clerk.post("/v1/members", json=member(household_id) | changes)
    assert answer.status_code == 422, answer.text
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, code)
    ]
    written = str(changes.get("document_number", NUMBER))
    assert written not in answer.text


@pytest.mark.parametrize("kind", ["resident_id", "other", "disability_card"])
@pytest.mark.parametrize("written", ["无", "不详", "0", "//", "-", "XXX"])
async def test_a_sign_for_no_document_is_no_number(
    clerk: httpx.AsyncClient, household_id: str, kind: str, written: str
) -> None:
    document = {"document_type": kind, "document_number": written}
    answer = await clerk.post("/v1/members", json=member(household_id) | document)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/document_number", "document-number-missing")


async def test_nul_is_refused_at_the_door(clerk: httpx.AsyncClient, household_id: str) -> None:
    answer = await clerk.post("/v1/members", json=member(household_id, name="张\x00三"))
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        "urn:qingling:problem:malformed-request",
    )


async def test_half_a_character_is_refused(clerk: httpx.AsyncClient, household_id: str) -> None:
    body = json.dumps(member(household_id, name="\ud800")).encode()
    answer = await clerk.post(
        "/v1/members", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "string-unicode"


async def test_a_patch_is_held_to_the_same_rules(
    clerk: httpx.AsyncClient, household_id: str
) -> None:
    address = (await clerk.post("/v1/members", json=member(household_id))).headers["location"]
    for patch, pointer, code in (
        ({"sex": "2"}, "/sex", "sex-differs"),
        ({"left_on": "2019-09-30"}, "/left_on", "left-before-joined"),
        ({"household_id": household_id}, "/household_id", "extra-forbidden"),
        ({"name": None}, "/name", "missing"),
        ({"id": household_id}, "/id", "extra-forbidden"),
    ):
        answer = await clerk.patch(address, json=patch, headers={**MERGE, "If-Match": '"1"'})
        assert answer.status_code == 422, answer.text
        found = answer.json()["errors"][0]
        assert (found["pointer"], found["code"]) == (pointer, code)
        assert identity_number() not in answer.text


async def test_a_household_that_does_not_exist_is_not_found(clerk: httpx.AsyncClient) -> None:
    nowhere = member("0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d")
    assert (await clerk.post("/v1/members", json=nowhere)).status_code == 404


@given(
    st.dates(min_value=date(1900, 1, 1)).map(lambda d: d.strftime("%Y%m%d")),
    st.integers(1, 999).map("{:03d}".format),
)
def test_every_form_of_a_number_stands_for_one_person(birth: str, sequence: str) -> None:
    number = identity_number(birth, sequence)
    document = read_document("resident_id", number.lower())
    assert document.number == number
    assert document.birth_date is not None
    assert document.birth_date.strftime("%Y%m%d") == birth
    assert document.sex == ("1" if int(sequence) % 2 else "2")
    assert person_of(number) == person_of(number + "11") == number
    if birth.startswith("19"):
        assert person_of(number[:6] + number[8:17]) == number


@given(st.builds("{}{}".format, st.text(max_size=39), st.integers(0, 9)))
def test_other_documents_say_nothing(text: str) -> None:
    assume(not is_no_number(text) and any(map(str.isdigit, text)))
    document = read_document("other", text)
    assert (document.number, document.birth_date, document.sex) == (text, None, None)
