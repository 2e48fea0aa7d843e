"""Reads `parameters/*.yaml`: figures by date and, where the law says so, by division, each with its citation."""

import datetime
from itertools import pairwise

from services.rules.engine.declarations import Citation, Parameter, ParameterValue, Source
from services.rules.engine.facts import read_money
from services.rules.engine.units import BOOLEAN, UNITS, YES_OR_NO, Type, is_money
from services.rules.vocabulary.dictionary import read_range
from services.rules.vocabulary.errors import DeclarationError
from services.rules.vocabulary.yaml_reader import Entry, Mapping, SourceFile, read_yaml
from shared.values.divisions import parse_division_code
from shared.values.refusal import InvalidValue

_KEYS = ("name", "title", "unit", "citation", "illustrative", "values")
NOT_SET = "not_set"


def read_parameters(file: SourceFile) -> dict[str, tuple[Parameter, Entry]]:
    """The parameters of a file by name, each with the entry that declares it."""
    mapping = read_yaml(file).mapping()
    mapping.only("parameters")
    result: dict[str, tuple[Parameter, Entry]] = {}
    for item in mapping["parameters"].items():
        entry = item.mapping()
        parameter = _parameter(entry)
        if parameter.name in result:
            other = result[parameter.name][1].place
            raise DeclarationError(
                "policy-name-taken", entry["name"].place, name=parameter.name, other=other
            )
        result[parameter.name] = (parameter, entry["name"])
    return result


def _parameter(mapping: Mapping) -> Parameter:
    name = mapping["name"].name()
    if mapping["unit"].choice((*UNITS, YES_OR_NO)) == YES_OR_NO:
        mapping.only(*_KEYS)
        type_, unit = BOOLEAN, YES_OR_NO
    else:
        mapping.only(*_KEYS, "min", "max")
        type_, unit = read_range(mapping, None)
    citation = read_citation(mapping["citation"].mapping())
    illustrative = mapping.get("illustrative")
    shown = illustrative is not None and illustrative.boolean()
    values = [
        (_value(name, type_, item.mapping(), citation, shown), item)
        for item in mapping["values"].items()
    ]
    values.sort(key=lambda pair: (pair[0].division or "", pair[0].start))
    for (before, _), (after, entry) in pairwise(values):
        if before.division == after.division:
            _check_succession(name, before, after, entry)
    return Parameter(
        name, type_, unit, mapping["title"].words(), tuple(value for value, _ in values)
    )


def _value(
    name: str, type_: Type, mapping: Mapping, citation: Citation, illustrative: bool
) -> ParameterValue:
    """A value without a citation or mark of its own has its parameter's; a value without `to` ends when the next begins."""
    mapping.only("value", "from", "to", "division", "citation", "illustrative")
    own, marked = mapping.get("citation"), mapping.get("illustrative")
    start, last = mapping["from"].day(), mapping.get("to")
    end = None if last is None else last.day()
    if end is not None and end < start:
        raise DeclarationError(
            "parameter-overlap", mapping["from"].place, name=name, start=start, other=end
        )
    return ParameterValue(
        _figure(name, type_, mapping["value"]),
        start,
        end,
        _division(mapping.get("division")),
        citation if own is None else read_citation(own.mapping()),
        illustrative if marked is None else marked.boolean(),
    )


def _figure(name: str, type_: Type, entry: Entry) -> int | bool | None:
    if entry.scalar == NOT_SET:
        return None
    if type_ == BOOLEAN:
        return entry.boolean()
    if is_money(type_.dimension):
        value = None if entry.is_plain else read_money(entry.scalar)
        if value is None or "." not in entry.scalar:
            raise entry.refuse_unquoted()
    else:
        value = entry.integer()
    if not type_.low <= value <= type_.high:
        raise DeclarationError(
            "parameter-range", entry.place, name=name, value=value, low=type_.low, high=type_.high
        )
    return value


def _division(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    try:
        return parse_division_code(entry.scalar)
    except InvalidValue as refusal:
        zh, en = refusal.message.zh, refusal.message.en
        raise entry.refuse(f"区划代码：{zh.rstrip('。')}", f"a division code: {en}") from None


def _check_succession(
    name: str, before: ParameterValue, after: ParameterValue, entry: Entry
) -> None:
    if before.start == after.start or (before.end is not None and after.start <= before.end):
        raise DeclarationError(
            "parameter-overlap", entry.place, name=name, start=after.start, other=before.start
        )
    if before.end is not None and after.start > before.end + datetime.timedelta(days=1):
        raise DeclarationError(
            "parameter-gap", entry.place, name=name, start=after.start, end=before.end
        )


def read_citation(mapping: Mapping) -> Citation:
    """`{document: …, article: …, source: policy | law | notice | unverified}`."""
    mapping.only("document", "article", "source")
    source = mapping["source"].choice(tuple(source.value for source in Source))
    return Citation(mapping["document"].text(), mapping["article"].text(), Source(source))
