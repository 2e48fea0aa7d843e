"""Reads `facts/*.yaml`: the fact dictionary of one subject a file."""

from services.rules.engine.declarations import Fact, StatedBy
from services.rules.engine.units import UNITS, Kind, Type
from services.rules.vocabulary.errors import DeclarationError
from services.rules.vocabulary.yaml_reader import Mapping, SourceFile, read_yaml
from shared.values.bilingual import Bilingual

_KINDS = {
    "integer": Kind.INTEGER,
    "money": Kind.INTEGER,
    "boolean": Kind.BOOLEAN,
    "code": Kind.CODE,
    "date": Kind.DATE,
}
_KEYS = (
    "name",
    "title",
    "type",
    "unit",
    "min",
    "max",
    "codes",
    "dated_by",
    "fresh_for",
    "stated_by",
    "at_least",
)


def read_dictionary(file: SourceFile) -> tuple[str, dict[str, Fact]]:
    """The subject of a file and its facts by name. Raises one of the errors of this package."""
    mapping = read_yaml(file).mapping()
    mapping.only("subject", "facts")
    subject = mapping["subject"].name()
    facts: dict[str, Fact] = {}
    for item in mapping["facts"].items():
        fact = _fact(subject, item.mapping())
        if fact.name in facts:
            raise DeclarationError(
                "policy-name-taken", fact.place, name=fact.name, other=facts[fact.name].place
            )
        facts[fact.name] = fact
    return subject, facts


def _fact(subject: str, mapping: Mapping) -> Fact:
    mapping.only(*_KEYS)
    name = mapping["name"].name()
    written = mapping["type"].choice(tuple(_KINDS))
    kind = _KINDS[written]
    titles = _codes(mapping) if kind is Kind.CODE else ()
    type_, unit = Type(kind), "none"
    if kind is Kind.INTEGER:
        type_, unit = read_range(mapping, "money" if written == "money" else None)
    elif kind is Kind.CODE:
        type_ = Type(kind, codes=tuple(code for code, _ in titles))
    dated_by, fresh_for = mapping.get("dated_by"), mapping.get("fresh_for")
    stated_by, at_least = mapping.get("stated_by"), mapping.get("at_least")
    if fresh_for is not None and dated_by is None:
        raise DeclarationError("fact-without-date", fresh_for.place, name=name)
    return Fact(
        name,
        subject,
        type_,
        unit,
        mapping["title"].words(),
        None if dated_by is None else dated_by.name(),
        None if fresh_for is None else fresh_for.name(),
        mapping["name"].place,
        titles,
        StatedBy(stated_by.choice(tuple(StatedBy))) if stated_by else StatedBy.REGISTRY,
        at_least is not None and at_least.boolean(),
    )


def read_range(mapping: Mapping, unit: str | None) -> tuple[Type, str]:
    """The integer type of a fact or a parameter from its `unit` (or the one given), `min` and `max`, and the unit's name."""
    given = mapping.get("unit")
    if given is not None or unit is None:
        unit = mapping["unit"].choice(tuple(UNITS))
    low, high = mapping["min"].integer(), mapping["max"].integer()
    if low > high:
        raise mapping["min"].refuse(f"不大于 max 的 {high}", f"no larger than max, {high}")
    return Type(Kind.INTEGER, UNITS[unit].dimension, low, high), unit


def _codes(mapping: Mapping) -> tuple[tuple[str, Bilingual], ...]:
    result = []
    for item in mapping["codes"].items():
        entry = item.mapping()
        entry.only("code", "title")
        code = entry["code"].text()
        if not (code.isascii() and code.replace("_", "").isalnum()):
            raise entry["code"].refuse("字母、数字和下划线", "letters, digits and underscores")
        result.append((code, entry["title"].words()))
    return tuple(result)
