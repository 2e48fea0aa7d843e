"""A small policy whose every part a test may change: one line, three rules, their cases."""

FACTS = """\
subject: household
facts:
  - {name: income, title: {zh: 收入, en: income}, type: money, min: 0, max: 100000000000, dated_by: checked_on}
  - {name: heads, title: {zh: 人数, en: persons}, type: integer, unit: persons, min: 1, max: 99}
  - {name: safe, title: {zh: 房屋安全, en: safe home}, type: boolean}
"""
VILLAGE_FACTS = """\
subject: village
facts:
  - {name: weak, title: {zh: 薄弱村, en: weak village}, type: boolean}
"""
LINES = """\
# The only line.
parameters:
  - name: line
    title: {zh: 收入线, en: income line}
    unit: money per person
    min: 0
    max: 100000000
    citation: {document: 文件, article: "一", source: policy}
    values:
      - {value: "8000.00", from: 2020-01-01}
"""
INCOME = """\
id: household.income
subject: household
title: {zh: 收入达标, en: enough income}
citation: {document: 文件, article: "二", source: policy}
in_force: {from: 2020-01-01}
all_of:
  - title: {zh: 不低于收入线, en: at least the line}
    value: income >= heads * :line
"""
INCOME_CASES = """\
rule: household.income
as_of: 2020-10-01
given: {heads: 2}
cases:
  - title: twenty thousand
    facts: {income: "20000.00"}
    outcome: met
  - title: ten thousand
    facts: {income: "10000.00"}
    outcome: not_met
  - title: nobody knows
    outcome: undetermined
    missing: [income]
"""
HOME = """\
id: household.home
subject: household
title: {zh: 住房安全, en: a safe home}
citation: {document: 文件, article: "三", source: policy}
in_force: {from: 2020-01-01}
all_of:
  - title: {zh: 安全, en: safe}
    value: safe
"""
HOME_CASES = """\
rule: household.home
as_of: 2020-10-01
cases:
  - {title: safe, facts: {safe: true}, outcome: met}
  - {title: unsafe, facts: {safe: false}, outcome: not_met}
  - {title: unknown, outcome: undetermined, missing: [safe]}
"""
STRONG = """\
id: village.strong
subject: village
title: {zh: 非薄弱村, en: no weak village}
citation: {document: 文件, article: "四", source: policy}
in_force: {from: 2020-01-01}
all_of:
  - title: {zh: 不薄弱, en: not weak}
    value: NOT weak
"""
STRONG_CASES = """\
rule: village.strong
as_of: 2020-10-01
cases:
  - {title: strong, facts: {weak: false}, outcome: met}
  - {title: weak, facts: {weak: true}, outcome: not_met}
  - {title: unknown, outcome: undetermined, missing: [weak]}
"""
LINES_PATH = "parameters/lines.yaml"
INCOME_PATH = "rules/zero_out/household/income.yaml"
HOME_PATH = "rules/zero_out/household/home.yaml"
FILES = {
    "facts/household.yaml": FACTS,
    "facts/village.yaml": VILLAGE_FACTS,
    LINES_PATH: LINES,
    INCOME_PATH: INCOME,
    "rules/zero_out/household/income.cases.yaml": INCOME_CASES,
    HOME_PATH: HOME,
    "rules/zero_out/household/home.cases.yaml": HOME_CASES,
    "rules/zero_out/village/strong.yaml": STRONG,
    "rules/zero_out/village/strong.cases.yaml": STRONG_CASES,
}
RAISED = LINES.replace("8000.00", "9000.00")
