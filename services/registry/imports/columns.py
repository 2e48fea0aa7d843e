"""The sheets of an import and their columns: what the reader takes and the template shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from services.registry.imports.cells import (
    Amount,
    Cell,
    Choice,
    Choices,
    Day,
    Text,
    Whole,
    YesNo,
    joined_name,
    plain_document,
    plain_telephone,
)
from shared.values.bilingual import Bilingual
from shared.values.text import Identifier, Line, Name, Note, Telephone

HOUSEHOLD_NUMBER = "household_number"
"""Member of a row that names the household it belongs to."""


class SheetName(StrEnum):
    """The sheets of an import 工作表."""

    HOUSEHOLDS = "农户"
    MEMBERS = "成员"
    INCOME = "收入"
    FOOD = "吃"
    CLOTHING = "穿"
    EDUCATION = "义务教育"
    MEDICAL = "基本医疗"
    HOUSING = "住房安全"
    WATER = "饮水安全"
    CIRCUMSTANCES = "家庭状况"


class Record(StrEnum):
    """What a sheet's rows are."""

    HOUSEHOLD = "household"
    MEMBER = "member"
    INCOME = "income"
    CHECK = "check"
    CIRCUMSTANCES = "circumstances"


class Sensitive(StrEnum):
    """Personal data that is masked wherever a row is reported."""

    DOCUMENT = "document"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True)
class Column:
    """One column: its header, the member of the record that it fills, and what its cells hold."""

    header: str
    member: str
    cell: Cell
    required: bool = False
    note: str = ""
    sensitive: Sensitive | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet; ``fixed`` are members that are the same in each of its rows."""

    name: SheetName
    record: Record
    columns: tuple[Column, ...]
    title: Bilingual
    fixed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def by_header(self) -> Mapping[str, Column]:
        """The columns by header."""
        return MappingProxyType({column.header: column for column in self.columns})

    @cached_property
    def by_member(self) -> Mapping[str, Column]:
        """The columns by the member that they fill."""
        return MappingProxyType({column.member: column for column in self.columns})


NUMBER = Text(Identifier(40))
NOTE = Text(Note(1000))
WHO = Text(Line(60), repeats=True)
DEPARTMENT = Text(Line(100), repeats=True)
FOUND_BY = Choice("check_found_by")
HOUSING_GRADE = Choice("housing_grade", by_code=True)


def _households() -> Sheet:
    return Sheet(
        SheetName.HOUSEHOLDS,
        Record.HOUSEHOLD,
        (
            Column("户编号", "number", NUMBER, True, "本县内唯一，不含空格"),
            Column(
                "村编码", "village_code", Text(Identifier(12), repeats=True), True, "12 位区划代码"
            ),
            Column("农户类别", "category", Choice("household_category"), True),
            Column("主要致贫原因", "main_cause", Choice("poverty_cause")),
            Column(
                "其他致贫原因", "other_causes", Choices("poverty_cause"), note="不与主要原因重复"
            ),
            Column("疫情影响", "epidemic_impact", YesNo()),
            Column("住址", "address", Text(Line(200))),
            Column(
                "联系电话",
                "phone",
                Text(Telephone(21), tidied=plain_telephone),
                sensitive=Sensitive.PHONE,
                note="只含数字",
            ),
            Column("登记日期", "registered_on", Day(), True),
        ),
        Bilingual("农户", "households"),
    )


def _members() -> Sheet:
    return Sheet(
        SheetName.MEMBERS,
        Record.MEMBER,
        (
            _household_number(),
            Column(
                "姓名", "name", Text(Name(60), tidied=joined_name), True, sensitive=Sensitive.NAME
            ),
            Column("证件类型", "document_type", Choice("document_type"), True),
            Column(
                "证件号码",
                "document_number",
                Text(Identifier(40, personal=True), tidied=plain_document),
                True,
                "18 位（旧 15 位，残疾人证 20 位）；列设为文本格式",
                Sensitive.DOCUMENT,
            ),
            Column("与户主关系", "relation_to_head", Choice("relation_to_head"), True),
            Column("性别", "sex", Choice("sex")),
            Column("出生日期", "birth_date", Day()),
            Column("民族", "ethnicity", Choice("ethnicity")),
            Column("文化程度", "education", Choice("education")),
            Column("在校状况", "school_status", Choice("school_status")),
            Column("失学辍学原因", "dropout_reason", Choice("dropout_reason")),
            Column("健康状况", "health", Choice("health")),
            Column("劳动能力", "labour_capacity", Choice("labour_capacity")),
            Column(
                "务工月数", "employment_months", Whole("个月", "月"), note="一年内的月数，0 至 12"
            ),
            Column("务工地点", "employment_place", Choice("employment_place")),
            Column("公益性岗位", "public_post", YesNo()),
            Column("医疗保险", "medical_insurance", Choice("medical_insurance")),
            Column("大病保险", "serious_illness_insurance", YesNo()),
            Column("养老保险", "pension", YesNo()),
            Column("享受低保", "dibao", YesNo()),
            Column("享受特困供养", "extreme_poverty_support", YesNo()),
            Column("加入日期", "joined_on", Day(), True, "成为本户成员之日"),
            Column("离开日期", "left_on", Day(), note="从该日起不再是本户成员；仍在本户的留空"),
            Column("离开原因", "leave_reason", Choice("leave_reason")),
        ),
        Bilingual("成员", "members"),
    )


def _income() -> Sheet:
    return Sheet(
        SheetName.INCOME,
        Record.INCOME,
        (
            _household_number(),
            Column("收入来源", "source", Choice("income_source"), True),
            Column("收入项目", "item", Choice("income_item"), True),
            Column("期间起", "period_from", Day(), True, "期间正好 12 个月"),
            Column("期间止", "period_to", Day(inclusive_end=True), True, "最后一天（含当日）"),
            Column("金额", "amount", Amount(), True),
            Column("是否经常性", "recurring", YesNo(), True, "一次性的填“否”"),
            Column("备注", "description", NOTE),
        ),
        Bilingual("收入", "income"),
    )


def _check(name: SheetName, guarantee: str, english: str, *evidence: Column) -> Sheet:
    return Sheet(
        name,
        Record.CHECK,
        (
            _household_number(),
            *_made(),
            *evidence,
            Column("情况说明", "description", NOTE),
        ),
        Bilingual(name.value, english),
        MappingProxyType({"guarantee": guarantee}),
    )


def _circumstances() -> Sheet:
    return Sheet(
        SheetName.CIRCUMSTANCES,
        Record.CIRCUMSTANCES,
        (
            _household_number(),
            *_made(),
            Column(
                "已签核对委托书",
                "commission_signed",
                YesNo(),
                note="未签的不得核对财产，以下四项财产留空",
            ),
            Column("机动车辆数", "cars", Whole("辆", "台")),
            Column("住房套数", "homes", Whole("套", "处")),
            Column("金融资产", "financial_assets", Amount(), note="存款、有价证券等"),
            Column("持有企业股份", "company_shares", YesNo()),
            Column("医疗自付支出", "medical_spending", Amount(), note="近 12 个月"),
            Column("教育自付支出", "education_spending", Amount(), note="近 12 个月"),
            Column("灾害事故损失", "disaster_loss", Amount(), note="近 12 个月自行承担的"),
            Column("刚性支出合计", "rigid_spending", Amount(), note="近 12 个月，以家庭申报为准"),
            Column("突发困难", "sudden_hardship", YesNo()),
            Column("法定义务人有履行能力", "supporter_able", YesNo()),
            Column("拒绝就业次数", "job_refusals", Whole("次"), note="近 6 个月"),
            Column("新就业收入", "new_job_income", Amount(), note="收入年度内"),
            Column("新就业月数", "new_job_months", Whole("个月", "月"), note="全家合计"),
            Column("列入搬迁计划人数", "relocating_members", Whole("人")),
            Column("不良信用记录", "bad_credit", YesNo()),
            Column("有小额信贷意愿", "microloan_wanted", YesNo()),
            Column("列入危房改造计划", "housing_repair_planned", YesNo()),
            Column("情况说明", "description", NOTE),
        ),
        Bilingual("家庭状况核对", "circumstances"),
    )


def _made() -> tuple[Column, ...]:
    return (
        Column("核查日期", "checked_on", Day(), True),
        Column("核查人", "inspector", WHO, True),
        Column("核查部门", "department", DEPARTMENT, True),
    )


def _household_number() -> Column:
    return Column("户编号", HOUSEHOLD_NUMBER, NUMBER, True, "与“农户”表一致，或已登记的农户")


SHEETS = (
    _households(),
    _members(),
    _income(),
    *(
        _check(
            name,
            guarantee,
            english,
            Column("是否短缺", "shortage", YesNo()),
            Column("发现方式", "found_by", FOUND_BY),
        )
        for name, guarantee, english in (
            (SheetName.FOOD, "food", "food"),
            (SheetName.CLOTHING, "clothing", "clothing"),
        )
    ),
    _check(
        SheetName.EDUCATION,
        "education",
        "compulsory education",
        Column("适龄儿童人数", "children_of_school_age", Whole("人"), note="6 至 15 周岁"),
        Column("失学辍学人数", "children_out_of_school", Whole("人"), note="因身体原因的不计"),
        Column("送教上门人数", "children_home_taught", Whole("人")),
    ),
    _check(
        SheetName.MEDICAL,
        "medical",
        "basic medical care",
        Column("未参保人数", "uninsured_members", Whole("人")),
    ),
    _check(
        SheetName.HOUSING,
        "housing",
        "housing safety",
        Column("住房等级", "housing_grade", HOUSING_GRADE),
        Column("是否唯一住房", "only_home", YesNo()),
        Column("鉴定单位", "appraiser", DEPARTMENT),
    ),
    _check(
        SheetName.WATER,
        "water",
        "drinking water",
        Column("人均日水量", "water_litres_per_person_day", Whole("升", "L"), note="升"),
        Column("缺水地区", "water_short_area", YesNo()),
        Column("水质达标", "water_quality_met", YesNo()),
        Column("自来水入户", "water_tap_at_home", YesNo()),
        Column("往返取水分钟", "water_round_trip_minutes", Whole("分钟", "分")),
        Column("取水距离", "water_distance_metres", Whole("米", "m"), note="米"),
        Column("取水高差", "water_height_metres", Whole("米", "m"), note="米"),
        Column("年断水天数", "water_cut_off_days", Whole("天", "日"), note="0 至 366"),
    ),
    # Outcomes are kept by the place of their sheet: a new one stands last.
    _circumstances(),
)
SHEET_BY_NAME: Mapping[str, Sheet] = MappingProxyType({sheet.name.value: sheet for sheet in SHEETS})
