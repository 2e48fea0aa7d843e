from datetime import date
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from services.registry.vocabulary.code import (
    CodeFrom,
    CodeList,
    code_list,
    code_lists,
    read_code_lists,
)
from services.registry.vocabulary.refusals import CodeRefusal
from shared.testing.refusals import refused

_lists = st.sampled_from(list(code_lists().values()))
SHORT = """
fruit:
  title: {zh: 水果, en: Fruit}
  source: an orchard
  quality: S
  from: 2020-06-01
  codes:
    apple: {zh: 苹果, en: Apple, to: 2021-01-01}
    pear: {zh: 梨, en: Pear, from: 2021-01-01}
"""


class Household(BaseModel):
    category: Annotated[str, CodeFrom("household_category")]
    ethnicity: Annotated[str, CodeFrom("ethnicity")] | None = None


@given(_lists, st.data())
def test_labels_and_codes_round_trip(each: CodeList, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(list(each.codes)))
    assert each.code_for_label(f" {each.label(code)} ") == code
    assert each.code_for_label(code) == code
    assert all(each.code_for_label(alias) == code for alias in each.codes[code].aliases)
    assert each.label(code, "en")


@given(_lists, st.text())
def test_anything_else_is_refused(each: CodeList, text: str) -> None:
    if text not in each.codes:
        with refused(CodeRefusal, "unknown-code"):
            each.check(text)


def test_lists_are_complete() -> None:
    ethnicities = code_list("ethnicity")
    assert list(ethnicities.codes) == [f"{number:02d}" for number in range(1, 57)] + ["97", "98"]
    assert ethnicities.label("22") == "畲族"
    sources = {code.part_of for code in code_list("income_item").codes.values()}
    assert sources == set(code_list("income_source").codes)
    assert all(
        code.operating is not None for code in code_list("village_income_source").codes.values()
    )


def test_lists_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        code_list("sex").codes["3"] = code_list("sex").codes["1"]  # type: ignore[index]
    with pytest.raises(ValidationError):
        code_list("sex").source = "elsewhere"  # type: ignore[misc]


def test_imports_may_write_labels_codes_and_aliases() -> None:
    categories = code_list("household_category")
    assert categories.code_for_label("低保") == "dibao"
    assert categories.code_for_label('"4600"巩固扶持') == "consolidation"
    with refused(CodeRefusal, "unknown-label") as caught:
        categories.code_for_label("富裕户")
    assert "低保、低保边缘、特困" in caught.value.message.zh


def test_model_validates_against_the_list() -> None:
    household = Household(category="dibao", ethnicity="22")
    assert household.model_dump(mode="json") == {"category": "dibao", "ethnicity": "22"}
    with pytest.raises(ValidationError) as refused:
        Household.model_validate({"category": "低保", "ethnicity": 22})
    label, number = refused.value.errors()
    assert label["type"] == number["type"] == "unknown_code"
    assert "dibao (低保)" in label["msg"]
    assert "…" in number["msg"]


def test_schema_is_a_closed_enum_in_both_languages() -> None:
    schema = Household.model_json_schema()["properties"]["category"]
    assert schema["enum"] == list(code_list("household_category").codes)
    assert len(schema["x-enum-descriptions"]) == len(schema["enum"])
    assert "低保边缘 Margin of the minimum living allowance" in schema["description"]


def test_retired_codes_stay_readable() -> None:
    fruit = read_code_lists(SHORT)["fruit"]
    last, first = date(2020, 12, 31), date(2021, 1, 1)
    assert fruit.check("apple", on=last) == "apple"
    assert fruit.check("apple") == "apple"
    assert fruit.label("apple") == "苹果"
    assert fruit.code_for_label("梨", on=first) == "pear"
    with refused(CodeRefusal, "retired-code") as caught:
        fruit.check("apple", on=first)
    assert "苹果" in caught.value.message.zh
    with refused(CodeRefusal, "retired-code"):
        fruit.code_for_label("梨", on=last)


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("pear:", "1:", "fruit.codes.1"),
        ("zh: 梨", "zh: 苹果", "苹果"),
        ("quality: S", "quality: maybe", "fruit.quality"),
        ("en: Pear", "english: Pear", "fruit.codes.pear.en"),
        ("source: an orchard", "source: an orchard\n  belongs_to: tree", "part_of"),
        ("en: Pear", "en: Pear, part_of: tree", "fruit.pear"),
    ],
)
def test_a_malformed_file_names_the_place(right: str, wrong: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_code_lists(SHORT.replace(right, wrong))


def test_a_list_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        code_list("fruit")
