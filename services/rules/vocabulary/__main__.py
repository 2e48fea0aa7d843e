"""Prints a policy's rules as a Markdown table: `python -m services.rules.vocabulary [directory]`."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.rules.vocabulary.cases import read_cases
from services.rules.vocabulary.policy import BUILT_IN, build_policy, read_files


def lines(files: Mapping[str, str]) -> Iterator[str]:
    """The table, line by line: each deciding rule with its citation, date in force and number of cases."""
    policy = build_policy(files)
    cases = Counter(case.rule for case in read_cases(policy, files))
    yield "| rule | title | citation | in force from | cases |"
    yield "| --- | --- | --- | --- | --: |"
    for rule in sorted(policy.rules.values(), key=lambda rule: (rule.subject, rule.name)):
        if rule.decides:
            citation = f"{rule.citation.document} {rule.citation.article} ({rule.citation.source})"
            yield (
                f"| `{rule.name}` | {rule.title.zh} {rule.title.en} | {citation} "
                f"| {rule.start} | {cases[rule.name]} |"
            )


if __name__ == "__main__":
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT_IN
    sys.stdout.writelines(f"{line}\n" for line in lines(read_files(directory)))
