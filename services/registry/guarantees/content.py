"""Wire models of guarantee checks 保障核查."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from services.registry.guarantees.evidence import EVIDENCE, NESTING, Evidence
from services.registry.households.belonging import NewOfHousehold, RecordedOfHousehold, with_example
from services.registry.households.checking import CheckContent, require_result
from services.registry.recording.nesting import Nesting
from services.registry.vocabulary.code import CodeFrom

Guarantee = Annotated[str, CodeFrom("guarantee")]
EXAMPLE: dict[str, JsonValue] = {
    "guarantee": "housing",
    "checked_on": "2020-06-10",
    "inspector": "（虚构）李明",
    "department": "县住建局",
    "description": "屋面漏雨，东墙开裂",
    "evidence": {"grade": "C", "only_home": True, "appraiser": "（虚构）房屋安全鉴定中心"},
}


class GuaranteeCheckContent(CheckContent):
    """What an inspector found of one guarantee; evidence has the members of its guarantee only."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    guarantee: Guarantee
    evidence: Annotated[
        Evidence,
        Field(
            description="核查证据 null or left out: not found out, never no or 0; one result at least"
        ),
    ]

    @field_validator("evidence", mode="wrap")
    @classmethod
    def _evidence_is_of_its_guarantee(
        cls, value: Any, _any_evidence: ModelWrapValidatorHandler[Evidence], info: ValidationInfo
    ) -> Any:
        kind = EVIDENCE.get(info.data.get("guarantee", ""))
        return value if kind is None else kind.model_validate(value, context=info.context)

    @field_validator("evidence")
    @classmethod
    def _something_was_found(cls, evidence: Evidence, info: ValidationInfo) -> Evidence:
        if isinstance(evidence, BaseModel):
            require_result(evidence.results(), info)
        return evidence


class NewGuaranteeCheck(GuaranteeCheckContent, NewOfHousehold):
    """A check to record; a client that works offline chooses the id itself."""

    model_config = with_example(EXAMPLE)


class GuaranteeCheck(GuaranteeCheckContent, RecordedOfHousehold):
    """A check as recorded 保障核查."""

    nests: ClassVar[Mapping[str, Nesting]] = {"evidence": NESTING}
