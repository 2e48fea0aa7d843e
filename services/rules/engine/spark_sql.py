"""The SQL backend: the lowered columns of one subject as one Spark SQL SELECT, written here node by node.

Assumptions. Facts are columns of the declared types and within their declared ranges (`contract_sql` counts what is not); then no
arithmetic overflows, nothing is divided by zero and no cast fails, so that `spark.sql.ansi.enabled` makes no difference.
Only AND, OR, NOT, IN, CASE, comparisons, `+ - *`, `div`, `pmod`, `datediff`, `substring`, bitwise `|`, CAST, VALUES and left joins
are used. Tested on Spark 4.3.

A mask is a BIGINT with the bits of the UInt64 word of the Polars backend: bit 63 is the sign, so that a negative value v stands for
v + 2^64. `Plan.mask` reads both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.rules.engine.columns import DIVISION, needed_dates
from services.rules.engine.declarations import Fact, Parameter
from services.rules.engine.layers import (
    Call,
    ColumnKind,
    Constant,
    Expression,
    Input,
    Lowered,
)
from services.rules.engine.lowering import lower
from services.rules.engine.plan import BITS_A_WORD, Plan
from services.rules.engine.units import Kind

_TYPES: dict[ColumnKind, str] = {
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.CODE: "STRING",
    Kind.DATE: "DATE",
    "mask": "BIGINT",
}
_SIGN = 1 << (BITS_A_WORD - 1)


@dataclass(frozen=True)
class Source:
    """The table of facts: its name, the columns that pass through, the 12-digit division, and the facts that have no column."""

    table: str
    passed: Sequence[str]
    division_column: str | None
    absent: frozenset[str] = frozenset()


def select_sql(plan: Plan, as_of: date, source: Source, rules: Sequence[str] | None = None) -> str:
    """One SELECT with the columns that `judge_columns` gives, in the same order; masks as BIGINT.

    Raises an EngineError where a rule is unknown.
    """
    named = plan.deciding if rules is None else rules
    narrowed = plan.narrowed(named)
    lowered = lower(narrowed, as_of, source.division_column is not None, named)
    passed = [name for name in source.passed if name not in lowered.outputs]
    steps, previous = _read(narrowed, as_of, source, passed)
    emitter = _Emitter(lowered)
    for number, layer in enumerate(lowered.layers, start=1):
        columns = (f"{emitter.call(call)} AS {_quoted(name)}" for name, call in layer)
        steps[f"layer_{number}"] = _select(["*", *columns], previous)
        previous = f"layer_{number}"
    answers = (
        f"{emitter.written(node)} AS {_quoted(name)}" for name, node in lowered.outputs.items()
    )
    final = _select([*map(_quoted, passed), *answers], previous)
    return (
        "WITH "
        + ",\n".join(f"{name} AS (\n{text}\n)" for name, text in steps.items())
        + f"\n{final}\n"
    )


def contract_sql(plan: Plan, source: Source, rules: Sequence[str] | None = None) -> str:
    """One SELECT with, by column, the number of rows outside what the fact or the division is declared to be."""
    narrowed = plan.narrowed(plan.deciding if rules is None else rules)
    allowed = {
        fact.name: _allowed(fact) for fact in narrowed.facts if fact.name not in source.absent
    }
    if source.division_column is not None:
        column = source.division_column
        allowed[column] = f"{_quoted(column)} RLIKE {_text(DIVISION)}"
    counts = [
        f"count(CASE WHEN NOT ({within}) THEN 1 END) AS {_quoted(name)}"
        for name, within in allowed.items()
        if within
    ]
    return _select(counts or ["0 AS none"], _quoted(source.table))


def _allowed(fact: Fact) -> str:
    name = _quoted(fact.name)
    match fact.type.kind:
        case Kind.INTEGER:
            return f"{name} >= {_whole(fact.type.low)} AND {name} <= {_whole(fact.type.high)}"
        case Kind.CODE:
            return f"{name} IN ({', '.join(map(_text, fact.type.codes))})"
        case _:
            return ""


def _read(
    plan: Plan, as_of: date, source: Source, passed: Iterable[str]
) -> tuple[dict[str, str], str]:
    """The first steps: the columns that are needed, typed, with the parameters of the row's division; and the last one's name."""
    columns = [f"source.{_quoted(name)}" for name in passed]
    typed = dict.fromkeys(sorted(needed_dates(plan)), Kind.DATE)
    typed |= {fact.name: fact.type.kind for fact in plan.facts}
    for name, kind in typed.items():
        value = "NULL" if name in source.absent else f"source.{_quoted(name)}"
        columns.append(f"CAST({value} AS {_TYPES[kind]}) AS {_quoted(name)}")
    varying = plan.varying
    steps: dict[str, str] = {}
    joins = ""
    if source.division_column is not None and varying:
        tables = _by_level(varying)
        for digits, divisions in tables.items():
            steps[f"divisions_{digits}"] = _values(varying, as_of, digits, divisions)
            joins += (
                f"\nLEFT JOIN divisions_{digits} ON divisions_{digits}.division"
                f" = substring(source.{_quoted(source.division_column)}, 1, {digits})"
            )
        columns += [_nearest(parameter, as_of, list(tables)) for parameter in varying]
    steps["facts_read"] = _select(columns, f"{_quoted(source.table)} AS source") + joins
    return steps, "facts_read"


def _by_level(parameters: Iterable[Parameter]) -> dict[int, list[str]]:
    """The divisions that have values of their own, by the digits that tell them apart, longest first."""
    declared = {value.division for parameter in parameters for value in parameter.values}
    levels: dict[int, list[str]] = {}
    for division in sorted(declared - {None}, key=str):
        levels.setdefault(_digits(str(division)), []).append(str(division))
    return dict(sorted(levels.items(), reverse=True))


def _digits(division: str) -> int:
    return next(digits for digits in (2, 4, 6, 9, 12) if not division[digits:].strip("0"))


def _values(
    parameters: Sequence[Parameter], as_of: date, digits: int, divisions: Iterable[str]
) -> str:
    """A table of the divisions of a level with all their parameters in force, their ancestors' where they have none."""
    rows = (
        ", ".join(
            [_text(division[:digits]), *(_parameter(part, as_of, division) for part in parameters)]
        )
        for division in divisions
    )
    names = ", ".join(_quoted(parameter.name) for parameter in parameters)
    listed = ",\n  ".join(f"({row})" for row in rows)
    return _select(["*"], f"VALUES\n  {listed}\n  AS declared(division, {names})")


def _nearest(parameter: Parameter, as_of: date, levels: Iterable[int]) -> str:
    branches = "".join(
        f" WHEN divisions_{digits}.division IS NOT NULL THEN divisions_{digits}.{_quoted(parameter.name)}"
        for digits in levels
    )
    chosen = f"CASE{branches} ELSE {_parameter(parameter, as_of, None)} END"
    return f"{chosen} AS {_quoted(f'parameter:{parameter.name}')}"


def _parameter(parameter: Parameter, as_of: date, division: str | None) -> str:
    resolved = parameter.at(as_of, division)
    return _literal(Constant(None if resolved is None else resolved.value, parameter.type.kind))


def _select(columns: Iterable[str], table: str) -> str:
    return "SELECT\n  " + ",\n  ".join(columns) + f"\nFROM {table}"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _whole(number: int) -> str:
    """A BIGINT literal; the smallest one cannot be written as a negated literal."""
    return f"({number + 1}L - 1L)" if number == -_SIGN else f"{number}L"


def _literal(constant: Constant) -> str:
    match constant.value:
        case None:
            return f"CAST(NULL AS {_TYPES[constant.kind]})"
        case bool(value):
            return "TRUE" if value else "FALSE"
        case int(bits) if constant.kind == "mask":
            return _whole(bits - 2 * _SIGN if bits >= _SIGN else bits)
        case int(number):
            return _whole(number)
        case str(text):
            return _text(text)
        case day:
            return f"DATE '{day.isoformat()}'"


class _Emitter:
    def __init__(self, lowered: Lowered) -> None:
        self._names = lowered.names

    def written(self, node: Expression) -> str:
        match node:
            case Input():
                return _quoted(node.name)
            case Constant():
                return _literal(node)
            case Call() if node in self._names:
                return _quoted(self._names[node])
            case Call():
                return f"({self.call(node)})"

    def call(self, call: Call) -> str:
        """The operator itself, whether or not it has a column."""
        operands = [self.written(part) for part in call.operands]
        match call.operator:
            case "known":
                return f"{operands[0]} IS NOT NULL"
            case "unknown":
                return f"{operands[0]} IS NULL"
            case "not":
                return f"NOT {operands[0]}"
            case "in":
                return f"{operands[0]} IN ({', '.join(operands[1:])})"
            case "choose":
                *branches, otherwise = operands
                pairs = zip(branches[::2], branches[1::2], strict=True)
                chosen = " ".join(f"WHEN {guard} THEN {value}" for guard, value in pairs)
                return f"CASE {chosen} ELSE {otherwise} END"
            case "per_capita":
                amount, persons = operands
                doubled, divisor = f"({amount} * 2L + {persons})", f"({persons} * 2L)"
                return f"({doubled} - pmod({doubled}, {divisor})) div {divisor}"  # div cuts, this floors
            case "days_between":
                start, end = operands
                return f"CAST(datediff({end}, {start}) AS BIGINT)"
            case "and" | "or":
                return f" {call.operator.upper()} ".join(operands)
            case "bits":
                return " | ".join(operands)
            case _:
                return f" {call.operator} ".join(operands)
