"""Facts of one subject as they arrive: checked against the dictionary, money from a decimal string to fen."""

from collections.abc import Mapping
from datetime import date

from services.rules.engine.declarations import Fact, FactValue, Value
from services.rules.engine.errors import EngineError
from services.rules.engine.units import Kind, is_money
from shared.values.bilingual import Bilingual
from shared.values.money import format_fen, parse_fen
from shared.values.refusal import InvalidValue


def read_facts(
    subject: str, dictionary: Mapping[str, Fact], facts: Mapping[str, Mapping[str, object]]
) -> dict[str, FactValue]:
    """Facts as `{name: {"value": …, "date": "2020-06-10", "recorded_by": …}}` to checked values.

    Money is a decimal string of yuan, a count an integer, dates ISO strings or dates. A name that is absent stays unknown.
    Raises an EngineError.
    """
    result = {}
    for name, given in facts.items():
        if (fact := dictionary.get(name)) is None:
            raise EngineError("fact-undeclared", subject=subject, name=name)
        recorded_by = given.get("recorded_by")
        result[name] = FactValue(
            read_value(fact, given.get("value")),
            _read_date(fact, given.get("date")),
            None if recorded_by is None else str(recorded_by),
        )
    return result


def read_value(fact: Fact, given: object) -> Value:
    """One value from its wire form, or an EngineError."""
    value: Value | None = None
    match fact.type.kind:
        case Kind.INTEGER if is_money(fact.type.dimension):
            value = read_money(given)
        case Kind.INTEGER:
            value = given if isinstance(given, int) and not isinstance(given, bool) else None
        case Kind.BOOLEAN:
            return given if isinstance(given, bool) else _refuse(fact, given)
        case Kind.CODE:
            return (
                given
                if isinstance(given, str) and given in fact.type.codes
                else _refuse(fact, given)
            )
        case Kind.DATE:
            return _as_date(given) or _refuse(fact, given)
    if value is None or not fact.type.low <= value <= fact.type.high:
        return _refuse(fact, given)
    return value


def read_money(given: object) -> int | None:
    """A decimal string of yuan as fen, None when it is not one."""
    try:
        return int(parse_fen(given)) if isinstance(given, str) else None
    except InvalidValue:
        return None


def wire_value(fact_kind: Kind, money: bool, value: Value | None) -> object:
    """A value in its wire form: money as a decimal string, a date as an ISO string."""
    if value is None:
        return None
    if money and isinstance(value, int):
        return format_fen(value)
    return value.isoformat() if fact_kind is Kind.DATE and isinstance(value, date) else value


def expected(fact: Fact) -> Bilingual:
    """What a value of the fact must be, in words."""
    type_ = fact.type
    match type_.kind:
        case Kind.INTEGER if is_money(type_.dimension):
            low, high = format_fen(type_.low), format_fen(type_.high)
            return Bilingual(
                f'{low} 至 {high} 元，写成 "8000.00"',
                f'from {low} to {high} yuan, written as "8000.00"',
            )
        case Kind.INTEGER:
            return Bilingual(
                f"{type_.low} 至 {type_.high} 的整数",
                f"a whole number from {type_.low} to {type_.high}",
            )
        case Kind.CODE:
            codes = ", ".join(type_.codes)
            return Bilingual(f"代码 {codes} 之一", f"one of the codes {codes}")
        case Kind.BOOLEAN:
            return Bilingual("true 或 false", "true or false")
        case Kind.DATE:
            return Bilingual("日期，写成 2020-10-01", "a date, written as 2020-10-01")


def _read_date(fact: Fact, given: object) -> date | None:
    if given is None:
        return None
    return _as_date(given) or _refuse_date(fact, given)


def _as_date(given: object) -> date | None:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _refuse(fact: Fact, given: object) -> Value:
    words = expected(fact)
    raise EngineError(
        "fact-value", name=fact.name, value=repr(given), expected_zh=words.zh, expected_en=words.en
    )


def _refuse_date(fact: Fact, given: object) -> date:
    raise EngineError(
        "fact-value",
        name=f"{fact.name}.date",
        value=repr(given),
        expected_zh="日期，写成 2020-10-01",
        expected_en="a date, written as 2020-10-01",
    )
