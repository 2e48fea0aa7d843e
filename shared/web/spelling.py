"""How values are spelled on the wire: in one declared way, whatever else a parser could read.

Pydantic takes a number for a moment, ``yes`` for true and ``1_000`` for a number. Each is a guess
at what was meant, so it is refused here, for every parameter and every wire model at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError, core_schema

from shared.values.bilingual import Bilingual


@dataclass(frozen=True)
class Spelling:
    """The one way to write the values of a type, and what to tell who writes them otherwise."""

    pattern: re.Pattern[str]
    code: str
    message: Bilingual

    def check(self, value: Any) -> Any:
        """Return the value unless it is written otherwise; one that was read already is kept."""
        if isinstance(value, str):
            if not self.pattern.fullmatch(value):
                raise self.refusal()
        elif isinstance(value, bytes | bool | int | float):
            raise self.refusal()
        return value

    def refusal(self) -> PydanticCustomError:
        """Return the error for pydantic to report."""
        return PydanticCustomError(
            self.code.replace("-", "_"),
            self.message.en,
            {"zh": self.message.zh},
        )


_WHOLE = "0|-?[1-9][0-9]*"
SPELLINGS = {
    "int": Spelling(
        re.compile(_WHOLE),
        "int-parsing",
        Bilingual("应为整数，只写数字，如 50", "write a whole number in digits only, such as 50"),
    ),
    "float": Spelling(
        re.compile(rf"(?:{_WHOLE}|-0)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{{1,3}})?"),
        "float-parsing",
        Bilingual("应为数字，如 2.5", "write a number, such as 2.5"),
    ),
    "bool": Spelling(
        re.compile("true|false"),
        "bool-parsing",
        Bilingual("应为 true 或 false", "write true or false"),
    ),
    "uuid": Spelling(
        re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        "uuid-parsing",
        Bilingual(
            "应为 UUID，如 0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
            "write a UUID, such as 0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d",
        ),
    ),
    "date": Spelling(
        re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "date-parsing",
        Bilingual("应为日期，如 2020-07-21", "write a date, such as 2020-07-21"),
    ),
    "datetime": Spelling(
        # A type that asks for an offset says so itself, by a code of its own.
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
            r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
        ),
        "datetime-parsing",
        Bilingual(
            "应为带时区的时间，如 2020-07-21T08:00:00+08:00；在地址中 + 写作 %2B",
            "write a moment with its offset, such as 2020-07-21T08:00:00+08:00; in an address + is "
            "written %2B",
        ),
    ),
}
"""By the names of pydantic's own kinds of schema."""
_OF_JSON = frozenset({"int", "float", "bool"})
"""What JSON itself spells: in a body its own kind of value is asked for, never text."""
_NOT_SCHEMAS = frozenset({"metadata", "config", "serialization", "default", "function", "cls"})


def spelled_strictly(schema: Any) -> None:
    """Change a model's schema in place so that its values are taken in their own spelling only."""
    for leaf in _leaves(schema):
        kind = leaf["type"]
        if kind in _OF_JSON:
            leaf["strict"] = True
        else:
            inner = dict(leaf)
            leaf.clear()
            leaf.update(core_schema.no_info_before_validator_function(SPELLINGS[kind].check, inner))


@cache  # the same few types stand in most routes, and each costs a schema
def spelling_of(annotation: Any) -> Spelling | None:
    """Return how a parameter of a type is written; None for text of its own kind."""
    kinds = {leaf["type"] for leaf in _leaves(TypeAdapter(annotation).core_schema)}
    return SPELLINGS[kinds.pop()] if len(kinds) == 1 else None


@cache
def takes_many(annotation: Any) -> bool:
    """Say whether a parameter or a part of a form may stand more than once."""
    schema = TypeAdapter(annotation).json_schema()
    return any(each.get("type") == "array" for each in (schema, *schema.get("anyOf", ())))


def _leaves(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the parts of a schema that are one value of a spelled type, each once."""
    if isinstance(schema, dict):
        if schema.get("type") in SPELLINGS:
            yield schema
        elif not _is_spelled(schema):
            for name, part in schema.items():
                if name not in _NOT_SCHEMAS:
                    yield from _leaves(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _leaves(part)


def _is_spelled(schema: dict[str, Any]) -> bool:
    function = schema.get("function")
    check = function.get("function") if isinstance(function, dict) else None
    return isinstance(getattr(check, "__self__", None), Spelling)
