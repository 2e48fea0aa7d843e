"""Codes that a list has retired: refused from their day on in every record, kept where they are."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.registry.divisions.figures.content import EXAMPLE as FIGURE
from services.registry.divisions.figures.content import DivisionFigureContent
from services.registry.guarantees.content import EXAMPLE as CHECK
from services.registry.guarantees.content import GuaranteeCheckContent
from services.registry.households.members.schemas import EXAMPLE as MEMBER
from services.registry.households.members.schemas import MemberContent
from services.registry.households.schemas import EXAMPLE as HOUSEHOLD
from services.registry.households.schemas import HouseholdContent
from services.registry.income.content import EXAMPLE as INCOME
from services.registry.income.content import IncomeEntryContent
from services.registry.villages.accounts.content import EXAMPLE as ACCOUNT
from services.registry.villages.accounts.content import VillageAccountContent
from services.registry.vocabulary import coded
from services.registry.vocabulary.code import Code, CodeList, code_list
from shared.values.text import HeldTexts

RECORDS: list[tuple[type[coded.CodedContent], dict[str, Any], date, set[str]]] = [
    (
        HouseholdContent,
        HOUSEHOLD,
        date(2019, 10, 1),
        {"category", "main_cause", "other_causes/0"},
    ),
    (
        MemberContent,
        MEMBER | {"document_number": "330127196305120011"},
        date(2019, 10, 1),
        {
            "document_type",
            "relation_to_head",
            "sex",
            "ethnicity",
            "education",
            "health",
            "labour_capacity",
            "medical_insurance",
        },
    ),
    (IncomeEntryContent, INCOME, date(2019, 12, 31), {"source", "item"}),
    (GuaranteeCheckContent, CHECK, date(2020, 6, 10), {"guarantee", "evidence/grade"}),
    (VillageAccountContent, ACCOUNT, date(2019, 12, 31), {"lines/0/source", "lines/1/source"}),
    (DivisionFigureContent, FIGURE, date(2020, 12, 31), {"figure"}),
]
every_record = pytest.mark.parametrize(
    ("model", "example", "day", "members"), RECORDS, ids=lambda each: getattr(each, "__name__", "")
)
Retire = Callable[[date], None]


def with_codes(known: CodeList, codes: dict[str, Code]) -> CodeList:
    # Not a copy, which would take along what the list has worked out of its codes.
    members = {name: getattr(known, name) for name in CodeList.model_fields}
    return CodeList.model_construct(**members | {"codes": codes})


@pytest.fixture
def retire(monkeypatch: pytest.MonkeyPatch) -> Retire:
    """Retire every code of every list from a day on."""

    def all_from(day: date) -> None:
        def retired(name: str) -> CodeList:
            known = code_list(name)
            codes = {
                code: each.model_copy(update={"end": day}) for code, each in known.codes.items()
            }
            return with_codes(known, codes)

        monkeypatch.setattr(coded, "code_list", retired)

    return all_from


def refused(
    model: type[coded.CodedContent], content: dict[str, Any], held: HeldTexts | None = None
) -> set[str]:
    """Return where codes are refused as retired."""
    try:
        model.model_validate(content, context=held)
    except ValidationError as error:
        found = error.errors()
    else:
        return set()
    assert {each["type"] for each in found} == {"retired_code"}
    return {"/".join(map(str, each["loc"])) for each in found}


@every_record
def test_each_code_is_looked_up_on_the_day_of_the_record(
    model: type[coded.CodedContent],
    example: dict[str, Any],
    day: date,
    members: set[str],
    retire: Retire,
) -> None:
    retire(day + timedelta(days=1))
    assert refused(model, example) == set()
    retire(day)
    assert refused(model, example) == members


@every_record
def test_an_amendment_leaves_old_codes_as_they_are(
    model: type[coded.CodedContent],
    example: dict[str, Any],
    day: date,
    members: set[str],
    retire: Retire,
) -> None:
    retire(day)
    assert refused(model, example, HeldTexts.of(example | {"sex": "1"}, day)) == set()
    assert refused(model, example, HeldTexts.of({}, day)) == members


def test_what_a_household_is_from_now_on_takes_the_codes_of_today(retire: Retire) -> None:
    today = date(2020, 10, 15)
    retire(date(2020, 1, 1))
    held = HeldTexts.of(HOUSEHOLD | {"category": "other"}, today)
    assert refused(HouseholdContent, HOUSEHOLD, held) == {"category"}
    assert refused(HouseholdContent, HOUSEHOLD) == set()


def test_the_reason_of_leaving_counts_on_the_day_of_leaving(retire: Retire) -> None:
    left = MEMBER | {
        "document_number": "330127196305120011",
        "left_on": "2020-03-01",
        "leave_reason": "moved",
    }
    retire(date(2020, 2, 1))
    assert refused(MemberContent, left) == {"leave_reason"}


def test_a_retired_code_is_no_longer_offered() -> None:
    known = code_list("sex")
    codes = {
        code: each.model_copy(update={"end": date(2020, 1, 1)} if code == "9" else {})
        for code, each in known.codes.items()
    }
    assert list(with_codes(known, codes).offered) == ["0", "1", "2"]
