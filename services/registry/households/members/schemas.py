"""Wire models of members of households 家庭成员."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
)

from services.registry.households.belonging import NewOfHousehold, RecordedOfHousehold, with_example
from services.registry.households.happening import HAPPENED
from services.registry.households.members.domain import Document, read_document
from services.registry.households.members.refusals import MemberRefusal
from services.registry.personal_data import Purpose
from services.registry.recording.sheet import InSheet, Sensitive
from services.registry.vocabulary.code import CodeFrom
from services.registry.vocabulary.coded import CodedContent
from services.registry.vocabulary.notations import joined_name, plain_document
from shared.values.periods import IsoDate
from shared.values.refusal import refusing
from shared.values.text import Identifier, Name, is_held
from shared.web.wire import WireModel

EXAMPLE: dict[str, JsonValue] = {
    "name": "（虚构）张三",
    "document_type": "resident_id",
    "document_number": "330127196305120013",
    "relation_to_head": "head",
    "ethnicity": "01",
    "education": "80",
    "health": "chronic",
    "labour_capacity": "weak",
    "employment_months": 0,
    "medical_insurance": "resident",
    "pension": True,
    "dibao": True,
    "joined_on": "2019-10-01",
}
NUMBER = "document_number"
DocumentNumber = Annotated[str, Identifier(40, personal=True)]


class MemberContent(CodedContent):
    """What is recorded of a member; what is left out or null is not known.

    The birth date and sex of a resident identity number or a disability card are taken from the
    number when they are left out, and must agree with it when they are given.
    """

    lasting: ClassVar[bool] = True

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Annotated[
        str,
        Name(60),
        InSheet(tidied=joined_name, sensitive=Sensitive.NAME),
        Field(description="姓名"),
    ]
    document_type: Annotated[str, CodeFrom("document_type")]
    document_number: Annotated[
        DocumentNumber,
        InSheet(
            note="18 位（旧 15 位，残疾人证 20 位）；列设为文本格式",
            tidied=plain_document,
            sensitive=Sensitive.DOCUMENT,
        ),
        Field(description="证件号码 sealed when kept, masked in every answer"),
    ]
    relation_to_head: Annotated[str, CodeFrom("relation_to_head")]
    sex: Annotated[str, CodeFrom("sex")] | None = Field(default=None, validate_default=True)
    birth_date: Annotated[IsoDate | None, Field(description="出生日期")] = Field(
        default=None, validate_default=True
    )
    ethnicity: Annotated[str, CodeFrom("ethnicity")] | None = None
    education: Annotated[str, CodeFrom("education")] | None = None
    school_status: Annotated[str, CodeFrom("school_status")] | None = None
    dropout_reason: Annotated[str, CodeFrom("dropout_reason")] | None = None
    health: Annotated[str, CodeFrom("health")] | None = None
    labour_capacity: Annotated[str, CodeFrom("labour_capacity")] | None = None
    employment_months: Annotated[
        StrictInt | None,
        InSheet(units=("个月", "月"), note="一年内的月数，0 至 12"),
        Field(ge=0, le=12, description="务工月数 months worked in the year"),
    ] = None
    employment_place: Annotated[str, CodeFrom("employment_place")] | None = None
    public_post: Annotated[
        StrictBool | None, Field(description="公益性岗位 holds a public-welfare post")
    ] = None
    medical_insurance: Annotated[
        Annotated[str, CodeFrom("medical_insurance")] | None, InSheet(header="医疗保险")
    ] = None
    serious_illness_insurance: Annotated[
        StrictBool | None, Field(description="大病保险 has serious-illness insurance")
    ] = None
    pension: Annotated[StrictBool | None, Field(description="养老保险 has a pension scheme")] = None
    dibao: Annotated[StrictBool | None, Field(description="享受低保 draws dibao")] = None
    extreme_poverty_support: Annotated[
        StrictBool | None, Field(description="享受特困供养 draws extreme-poverty support")
    ] = None
    joined_on: Annotated[
        IsoDate,
        HAPPENED,
        InSheet(note="成为本户成员之日"),
        Field(description="加入日期 first day as a member"),
    ]
    left_on: Annotated[
        IsoDate | None,
        HAPPENED,
        InSheet(note="从该日起不再是本户成员；仍在本户的留空"),
        Field(description="离开日期 first day on which no longer a member"),
    ] = None
    leave_reason: Annotated[str, CodeFrom("leave_reason")] | None = None

    @field_validator("document_number")
    @classmethod
    def _is_of_its_type(cls, number: str, info: ValidationInfo) -> str:
        kind = info.data.get("document_type", "")
        read = partial(read_document, kind, on_record=is_held(number, info, NUMBER))
        return refusing(read)(number).number

    @field_validator("sex")
    @classmethod
    def _sex_is_the_documents(cls, sex: str | None, info: ValidationInfo) -> str | None:
        said = _document(info).sex
        if said and sex and said != sex:
            raise MemberRefusal("sex-differs").as_pydantic()
        return said or sex

    @field_validator("birth_date")
    @classmethod
    def _birth_is_the_documents(cls, birth: Any, info: ValidationInfo) -> Any:
        said = _document(info).birth_date
        if said and birth and said != birth:
            raise MemberRefusal("birth-date-differs").as_pydantic()
        return said or birth

    @field_validator("dropout_reason")
    @classmethod
    def _reason_is_of_a_dropout(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if reason and info.data.get("school_status", "out_of_school") != "out_of_school":
            raise MemberRefusal("dropout-reason-without-dropout").as_pydantic()
        return reason

    @field_validator("joined_on")
    @classmethod
    def _joins_once_born(cls, joined: Any, info: ValidationInfo) -> Any:
        birth = info.data.get("birth_date")
        if birth is not None and joined < birth:
            raise MemberRefusal("joined-before-birth").as_pydantic()
        return joined

    @field_validator("left_on")
    @classmethod
    def _leaves_after_joining(cls, left: Any, info: ValidationInfo) -> Any:
        joined = info.data.get("joined_on")
        if left is not None and joined is not None and left <= joined:
            raise MemberRefusal("left-before-joined").as_pydantic()
        return left

    @field_validator("leave_reason")
    @classmethod
    def _reason_has_a_date(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if reason and info.data.get("left_on", reason) is None:
            raise MemberRefusal("leave-reason-without-date").as_pydantic()
        return reason

    def code_day(self, member: str) -> date:
        left = self.left_on if member == "leave_reason" else None
        return left or self.joined_on


class NewMember(MemberContent, NewOfHousehold):
    """A member to record; a client that works offline chooses the id itself."""

    model_config = with_example(EXAMPLE)


class Member(MemberContent, RecordedOfHousehold):
    """A member as recorded 家庭成员."""

    sealed: ClassVar[Mapping[str, str]] = {NUMBER: "document"}

    document_number: Annotated[
        str, Field(description="证件号码 masked", examples=["33****************"])
    ]


class DocumentLookup(WireModel):
    """Whom to look for, and for what; in the body, so that no number stands in an address."""

    purpose: Purpose

    document_number: Annotated[
        DocumentNumber,
        Field(
            description="证件号码 an old number, the new one and a disability card find the same "
            "person",
            examples=["330127196305120013"],
        ),
    ]


class RevealMember(WireModel):
    """What to reveal of a member, and for what."""

    purpose: Purpose
    fields: Annotated[list[Literal["document_number"]], Field(min_length=1, max_length=1)]


class RevealedMember(WireModel):
    """What is sealed of a member, in full."""

    document_number: Annotated[str, Field(examples=["330127196305120013"])]


def _document(info: ValidationInfo) -> Document:
    """What the document of the model under validation says; nothing if it was refused."""
    if NUMBER not in info.data or "document_type" not in info.data:
        return Document("", None, None)
    number = info.data[NUMBER]
    held = is_held(number, info, NUMBER)
    return read_document(info.data["document_type"], number, on_record=held)
