"""Money on the wire: decimal text in yuan."""

from typing import Annotated, Any

from pydantic import AfterValidator, GetPydanticSchema, WithJsonSchema
from pydantic_core import core_schema

from shared.values.money import EXAMPLE, Fen, amount_below, format_fen, parse_fen
from shared.values.money_refusals import MoneyRefusal
from shared.values.refusal import refusing


def _parse_wire(value: object) -> Fen:
    if isinstance(value, Fen):
        return value
    if not isinstance(value, str):
        raise MoneyRefusal("money-not-text", suggestion=EXAMPLE)
    return parse_fen(value)


def _wire_schema(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_plain_validator_function(
        refusing(_parse_wire),
        serialization=core_schema.plain_serializer_function_ser_schema(
            format_fen, return_schema=core_schema.str_schema(), when_used="json"
        ),
    )


Yuan = Annotated[
    Fen,
    GetPydanticSchema(_wire_schema),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$",
            "description": "金额，单位元，写成至多两位小数的文本。"
            "Amount in yuan as decimal text with at most two places; answers always have two.",
            "examples": ["8000.00"],
        }
    ),
]
"""Money on the wire: decimal text in JSON, ``Fen`` in Python. Bounds such as ``Field(ge=0)`` are
in fen. Code that builds a model wraps its fen: ``Entry(amount=Fen(row.amount_fen))``."""

possible_amount = amount_below(8)
"""Takes what is below 100 million yuan, so that sums of many stay within the range of their facts."""
PossibleYuan = Annotated[Yuan, AfterValidator(refusing(possible_amount))]
"""Money on the wire that one record may hold."""
