"""Small policies for tests of the engine."""

from textwrap import dedent, indent

from services.rules.engine import Policy
from services.rules.vocabulary import build_policy

FACTS = """
subject: household
facts:
  - {name: size, title: {zh: 人口, en: size}, type: integer, unit: persons, min: 1, max: 99}
  - {name: income, title: {zh: 收入, en: income}, type: money, min: -1000000000000, max: 1000000000000}
  - {name: spending, title: {zh: 支出, en: spending}, type: money, min: 0, max: 1000000000000}
  - {name: poor, title: {zh: 困难, en: poor}, type: boolean, dated_by: poor_on, fresh_for: fresh}
  - {name: ill, title: {zh: 患病, en: ill}, type: boolean}
  - name: grade
    title: {zh: 等级, en: grade}
    type: code
    codes: [{code: A, title: {zh: 好, en: good}}, {code: B, title: {zh: 差, en: bad}}]
  - {name: born, title: {zh: 出生, en: born}, type: date}
  - {name: moved, title: {zh: 迁入, en: moved}, type: date}
  - {name: insured, title: {zh: 参保, en: insured}, type: boolean, dated_by: insured_on}
  - {name: vast, title: {zh: 大数, en: vast}, type: integer, unit: none, min: 0, max: 900000000000000000}
  - {name: old, title: {zh: 老人, en: old}, type: integer, unit: persons, min: 0, max: 99, at_least: true}
"""

PARAMETERS = """
parameters:
  - name: line
    title: {zh: 线, en: line}
    unit: money per person
    min: 0
    max: 100000000
    citation: {document: D, article: "1", source: policy}
    values:
      - {value: "8000.00", from: 2020-01-01}
      - {value: "9000.00", from: 2021-01-01}
      - {value: "8500.00", from: 2020-01-01, to: 2020-12-31, division: "330127000000"}
      - {value: not_set, from: 2020-01-01, division: "330200000000"}
  - name: fresh
    title: {zh: 时效, en: fresh}
    unit: days
    min: 0
    max: 3650
    citation: {document: D, article: "2", source: unverified}
    illustrative: true
    values:
      - {value: 100, from: 2020-01-01}
"""


def rule(name: str, body: str, in_force: str = "{from: 2020-01-01}") -> str:
    """A rule file with the given body (`all_of: …`)."""
    return (
        f"id: {name}\nsubject: household\ntitle: {{zh: 规则, en: rule}}\n"
        f'citation: {{document: D, article: "1", source: law}}\nin_force: {in_force}\n{dedent(body)}'
    )


def condition(expression: str, shown: str | None = None) -> str:
    """An `all_of` with one condition."""
    lines = f"all_of:\n  - title: {{zh: 条件, en: condition}}\n    value: |\n{indent(expression, ' ' * 6)}\n"
    return lines if shown is None else f'{lines}    shown: "{shown}"\n'


def value(expression: str) -> str:
    return f"value: |\n{indent(expression, '  ')}\n"


def files(**rules: str) -> dict[str, str]:
    """Files of a policy with the given rules; `income_line="…"` becomes the rule household.income_line."""
    return {
        "facts/household.yaml": FACTS,
        "parameters/all.yaml": PARAMETERS,
        **{f"rules/{name}.yaml": rule(f"household.{name}", body) for name, body in rules.items()},
    }


def policy(**rules: str) -> Policy:
    return build_policy(files(**rules))
