"""``/v1/releases/{id}/rules`` and ``/parameters``: a release's rules and parameters as JSON documents."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import JsonValue

from services.rules.releases.documents.editing import EDIT, DraftInHand, FilesRead
from services.rules.releases.schemas import ReleaseRecord
from services.rules.releases.shelf import shelf_in_use
from services.rules.releases.usecases import refusing_documents, require_name
from services.rules.vocabulary.editing import (
    has_parameter,
    has_rule,
    parameter_document,
    put_parameter,
    put_rule,
    remove_parameter,
    remove_rule,
    rule_document,
)
from shared.problems import problems
from shared.values.text import Identifier
from shared.web.etags import etag
from shared.web.route import ServiceRoute

router = APIRouter(
    prefix="/v1/releases/{release_id}",
    route_class=ServiceRoute,
    tags=["releases 政策版本"],
    dependencies=[Depends(shelf_in_use)],
)
RuleName = Annotated[
    str, Identifier(100), Path(description="规则", examples=["household.income_line"])
]
ParameterName = Annotated[str, Identifier(100), Path(description="参数", examples=["income_line"])]


Family = Literal["zero_out", "eligibility", "risk", "quality", "shown"]
RULE: dict[str, Any] = {
    "id": "household.housing",
    "subject": "household",
    "title": {"zh": "住房安全有保障", "en": "safe housing is guaranteed"},
    "citation": {"document": "浙委办发〔2020〕29号", "article": "三（三）1", "source": "policy"},
    "in_force": {"from": "2020-01-01"},
    "all_of": [
        {
            "title": {
                "zh": "唯一住房不是 C 级或 D 级危房",
                "en": "the only home is not grade C or D",
            },
            "value": "NOT (housing_grade IN ('C', 'D') AND only_home)",
        }
    ],
}
PARAMETER: dict[str, Any] = {
    "name": "income_line",
    "title": {"zh": "年家庭人均收入线", "en": "annual income line per head"},
    "unit": "money per person",
    "min": 0,
    "max": 100000000,
    "citation": {"document": "浙委办发〔2020〕29号", "article": "二（一）", "source": "policy"},
    "values": [{"value": "8000.00", "from": "2020-01-01"}],
}
RuleBody = Annotated[
    dict[str, JsonValue],
    Body(description="与 YAML 同形 the YAML as JSON; its id is that of the path", examples=[RULE]),
]
ParameterBody = Annotated[
    dict[str, JsonValue],
    Body(
        description="与 YAML 同形 the YAML as JSON; its name is that of the path",
        examples=[PARAMETER],
    ),
]


@router.get("/rules/{rule}")
async def get_release_rule(rule: RuleName, read: FilesRead, response: Response) -> dict[str, Any]:
    """读取规则（JSON）。 A rule of a release, in the shape of its YAML."""
    response.headers["ETag"] = etag(read.version)
    with refusing_documents():
        return rule_document(read.files, rule)


@router.put("/rules/{rule}", responses=problems(*EDIT))
async def put_release_rule(
    rule: RuleName,
    document: RuleBody,
    draft: DraftInHand,
    family: Annotated[Family, Query(description="规则类别 where a new rule stands")] = "shown",
) -> ReleaseRecord:
    """写入规则：只改动有变化的部分。 Add or change a rule of a draft; the rest of its file stays."""
    named = require_name(document, "id", rule)
    return await draft.edit(
        lambda files: put_rule(files, named, family), lambda files: has_rule(files, rule)
    )


@router.delete("/rules/{rule}", responses=problems(*EDIT))
async def delete_release_rule(rule: RuleName, draft: DraftInHand) -> ReleaseRecord:
    """删除规则及其案例。 Remove a rule of a draft, with its cases."""
    return await draft.edit(lambda files: remove_rule(files, rule))


@router.get("/parameters/{parameter}")
async def get_release_parameter(
    parameter: ParameterName, read: FilesRead, response: Response
) -> dict[str, Any]:
    """读取参数（JSON）。 A parameter of a release, in the shape of its YAML."""
    response.headers["ETag"] = etag(read.version)
    with refusing_documents():
        return parameter_document(read.files, parameter)


@router.put("/parameters/{parameter}", responses=problems(*EDIT))
async def put_release_parameter(
    parameter: ParameterName, document: ParameterBody, draft: DraftInHand
) -> ReleaseRecord:
    """写入参数：只改动有变化的部分。 Add or change a parameter of a draft; the rest of its file stays."""
    named = require_name(document, "name", parameter)
    return await draft.edit(
        lambda files: put_parameter(files, named), lambda files: has_parameter(files, parameter)
    )


@router.delete("/parameters/{parameter}", responses=problems(*EDIT))
async def delete_release_parameter(parameter: ParameterName, draft: DraftInHand) -> ReleaseRecord:
    """删除参数。 Remove a parameter of a draft."""
    return await draft.edit(lambda files: remove_parameter(files, parameter))
