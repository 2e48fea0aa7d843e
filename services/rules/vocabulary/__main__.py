"""Prints the document of a policy's rules: `python -m services.rules.vocabulary [directory]`."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.rules.engine import Outcome, Rule
from services.rules.vocabulary.cases import Case, read_cases
from services.rules.vocabulary.policy import BUILT_IN, build_policy, read_files

HEADING = """# The rules, their citations and their cases 规则、依据与案例

Made from the policy's files by `make rules`; `make check` compares. *Source* is how good a citation is: `policy` the document
itself, `law` a statute, `notice` a public notice, `unverified` nobody has verified it.
"""


def lines(files: Mapping[str, str]) -> Iterator[str]:
    """The document, line by line: a table of the deciding rules, the figures, then every case by rule."""
    policy = build_policy(files)
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in read_cases(policy, files):
        cases[case.rule].append(case)
    rules = sorted(policy.rules.values(), key=lambda rule: (rule.subject, rule.family, rule.name))
    yield from HEADING.splitlines()
    yield ""
    yield "| rule | family | title | citation | source | in force | met / not met / undetermined |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    yield from (_row(rule, cases[rule.name]) for rule in rules if rule.decides)
    yield from (
        "",
        "## Figures 数额",
        "",
        "| figure | family | title | citation | source | in force |",
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from (f"{_cells(rule)} |" for rule in rules if not rule.decides)
    yield from ("", "## Cases 案例")
    for rule in rules:
        if rule.decides:
            yield from ("", f"**`{rule.name}`** {rule.title.zh}", "")
            yield from (_case(case) for case in cases[rule.name])


def _cells(rule: Rule) -> str:
    period = f"{rule.start} –" + ("" if rule.end is None else f" {rule.end}")
    citation = f"{rule.citation.document} {rule.citation.article}"
    title = f"{rule.title.zh} {rule.title.en}"
    source = rule.citation.source.value
    return f"| `{rule.name}` | {rule.family} | {title} | {citation} | {source} | {period}"


def _row(rule: Rule, cases: list[Case]) -> str:
    counts = (sum(case.outcome is outcome for case in cases) for outcome in Outcome)
    return f"{_cells(rule)} | {' / '.join(map(str, counts))} |"


def _case(case: Case) -> str:
    names = ", ".join(sorted(case.missing))
    waiting = f" – waits for {names}" if names else ""
    return f"- {case.title}: {case.outcome.value.replace('_', ' ')}{waiting}"


if __name__ == "__main__":
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT_IN
    sys.stdout.writelines(f"{line}\n" for line in lines(read_files(directory)))
