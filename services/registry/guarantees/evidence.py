"""What a check of each guarantee finds (核查证据); what is left out or null was not found out."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import Field, StrictBool, StrictInt, model_validator

from services.registry.guarantees.refusals import GuaranteeRefusal
from services.registry.recording.nesting import Nesting
from services.registry.recording.sheet import InSheet
from services.registry.vocabulary.code import CodeFrom
from shared.values.text import Line
from shared.web.wire import WireModel

Persons = Annotated[StrictInt | None, Field(ge=0, le=99)]


class _Evidence(WireModel):
    """Evidence of one guarantee."""

    beside_results: ClassVar[frozenset[str]] = frozenset()
    """Members that say how something was found, and nothing of what it is."""

    def results(self) -> list[Any]:
        """Return what was found out, None for what was not."""
        names = type(self).model_fields.keys() - self.beside_results
        return [getattr(self, name) for name in names]

    @classmethod
    def column(cls, member: str) -> str:
        """Return the column of a member in the table of all checks."""
        return member


class _ShortageEvidence(_Evidence):
    beside_results = frozenset({"found_by"})

    shortage: Annotated[StrictBool | None, Field(description="是否短缺")] = None
    found_by: Annotated[str, CodeFrom("check_found_by")] | None = None


class FoodEvidence(_ShortageEvidence):
    """Food 吃: does the household go short of it."""


class ClothingEvidence(_ShortageEvidence):
    """Clothing 穿: does the household go short of it."""


class EducationEvidence(_Evidence):
    """Compulsory education 义务教育: the household's children from 6 to 15."""

    children_of_school_age: Annotated[
        Persons, InSheet(units=("人",), note="6 至 15 周岁"), Field(description="适龄儿童人数")
    ] = None
    children_out_of_school: Annotated[
        Persons,
        InSheet(units=("人",), note="因身体原因的不计"),
        Field(description="失学辍学人数 for reasons other than health"),
    ] = None
    children_home_taught: Annotated[
        Persons, InSheet(units=("人",)), Field(description="送教上门人数")
    ] = None

    @model_validator(mode="after")
    def _children_are_of_age(self) -> Self:
        counted = (self.children_out_of_school or 0) + (self.children_home_taught or 0)
        of_age = self.children_of_school_age
        if of_age is not None and counted > of_age:
            raise GuaranteeRefusal(
                "children-more-than-school-age", counted=counted, of_age=of_age
            ).as_pydantic()
        return self


class MedicalEvidence(_Evidence):
    """Basic medical care 基本医疗."""

    uninsured_members: Annotated[
        Persons,
        InSheet(units=("人",)),
        Field(description="未参保人数 members without basic medical insurance"),
    ] = None


class HousingEvidence(_Evidence):
    """Housing safety 住房安全."""

    beside_results = frozenset({"appraiser"})

    grade: Annotated[Annotated[str, CodeFrom("housing_grade")] | None, InSheet(by_code=True)] = None
    only_home: Annotated[StrictBool | None, Field(description="是否唯一住房")] = None
    appraiser: Annotated[
        Annotated[str, Line(100)] | None, InSheet(often=True), Field(description="鉴定单位")
    ] = None

    @classmethod
    def column(cls, member: str) -> str:
        return "housing_grade" if member == "grade" else member


class WaterEvidence(_Evidence):
    """Drinking water 饮水安全: amount, quality, convenience, reliability (T/CHES 18-2018)."""

    litres_per_person_day: Annotated[
        StrictInt | None,
        InSheet(units=("升", "L"), note="升"),
        Field(ge=0, le=10_000, description="人均日水量，升 litres"),
    ] = None
    short_area: Annotated[
        StrictBool | None, Field(description="缺水地区 the area is short of water")
    ] = None
    quality_met: Annotated[StrictBool | None, Field(description="水质达标")] = None
    tap_at_home: Annotated[StrictBool | None, Field(description="自来水入户")] = None
    round_trip_minutes: Annotated[
        StrictInt | None,
        InSheet(header="往返取水分钟", units=("分钟", "分")),
        Field(ge=0, le=1440, description="往返取水时间，分钟 minutes"),
    ] = None
    distance_metres: Annotated[
        StrictInt | None,
        InSheet(header="取水距离", units=("米", "m"), note="米"),
        Field(ge=0, le=100_000, description="取水水平距离，米 metres"),
    ] = None
    height_metres: Annotated[
        StrictInt | None,
        InSheet(header="取水高差", units=("米", "m"), note="米"),
        Field(ge=0, le=10_000, description="取水垂直距离，米 metres"),
    ] = None
    cut_off_days: Annotated[
        StrictInt | None,
        InSheet(units=("天", "日"), note="0 至 366"),
        Field(ge=0, le=366, description="年断水天数 days a year"),
    ] = None

    @classmethod
    def column(cls, member: str) -> str:
        return f"water_{member}"


Evidence: TypeAlias = (
    FoodEvidence
    | ClothingEvidence
    | EducationEvidence
    | MedicalEvidence
    | HousingEvidence
    | WaterEvidence
)
EVIDENCE: Mapping[str, type[Evidence]] = {
    "food": FoodEvidence,
    "clothing": ClothingEvidence,
    "education": EducationEvidence,
    "medical": MedicalEvidence,
    "housing": HousingEvidence,
    "water": WaterEvidence,
}
NESTING = Nesting(
    {
        guarantee: (model, {member: model.column(member) for member in model.model_fields})
        for guarantee, model in EVIDENCE.items()
    },
    by="guarantee",
)
