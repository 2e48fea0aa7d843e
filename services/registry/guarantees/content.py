"""Wire models of guarantee checks 保障核查."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from services.registry.guarantees.evidence import (
    COLUMNS,
    EVIDENCE,
    Evidence,
    evidence_columns,
    evidence_of,
)
from services.registry.guarantees.tables import GuaranteeCheckRow
from services.registry.households.belonging import NewOfHousehold, RecordedOfHousehold
from services.registry.households.checking import CheckContent, require_result
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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"household_id": "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d", **EXAMPLE}]
        }
    )


class GuaranteeCheck(GuaranteeCheckContent, RecordedOfHousehold):
    """A check as recorded 保障核查."""

    @classmethod
    def of(cls, row: GuaranteeCheckRow) -> "GuaranteeCheck":
        """Return the wire form of a row."""
        names = GuaranteeCheck.model_fields.keys() - {"evidence"}
        found = {column: getattr(row, column) for column in COLUMNS}
        return GuaranteeCheck.model_construct(
            **{name: getattr(row, name) for name in names},
            evidence=evidence_of(row.guarantee, found),
        )


_FLAT = tuple(name for name in GuaranteeCheckContent.model_fields if name != "evidence")


def guarantee_check_columns(content: GuaranteeCheckContent) -> dict[str, Any]:
    """Return the columns of a check's content."""
    return content.model_dump(include={*_FLAT}) | evidence_columns(content.evidence)


def guarantee_check_written(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return content, yet to be validated, of a check's columns; other guarantees' have no place."""
    evidence = EVIDENCE[columns["guarantee"]].columns().items()
    written = {name: columns[name] for name in _FLAT if name in columns}
    return written | {
        "evidence": {name: columns[column] for name, column in evidence if column in columns}
    }
