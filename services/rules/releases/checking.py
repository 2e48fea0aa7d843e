"""Everything that is wrong with the files of a release, not only the first thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.rules.engine import Policy
from services.rules.engine.errors import PolicyError
from services.rules.vocabulary import (
    Answer,
    Case,
    build_policy,
    expected_answer,
    missing_cases,
    read_cases,
    run,
)
from services.rules.vocabulary.policy import CASES
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual

MAX_ERRORS = 50

# Once a file of a folder is left out, what it declares is missing elsewhere; these codes are then no
# mistake of the others.
FOLLOWS: Mapping[str, frozenset[str]] = {
    "facts": frozenset({"unknown-fact", "unknown-rule", "policy-value"}),
    "parameters": frozenset({"unknown-parameter", "fact-freshness", "unknown-rule"}),
    "rules": frozenset({"unknown-rule"}),
}


@dataclass(frozen=True, slots=True)
class FailingCase:
    """A case that the policy answers otherwise than it says."""

    case: Case
    answer: Answer

    @property
    def expected(self) -> Answer:
        """What the case says."""
        return expected_answer(self.case)


@dataclass(slots=True)
class CheckResult:
    """The checked policy, or None and what is wrong; ``failing`` are cases that do not pass."""

    policy: Policy | None = None
    errors: list[PolicyError] = field(default_factory=list)
    failing: list[FailingCase] = field(default_factory=list)
    cases: int = 0

    @property
    def passed(self) -> bool:
        """Whether the files may be proposed."""
        return not self.errors and not self.failing


def check(files: Mapping[str, str]) -> CheckResult:
    """Check facts, parameters and rules, then read and run the cases; see MAX_ERRORS."""
    try:
        policy = build_policy(files)
    except PolicyError:
        return CheckResult(errors=_refusals(files))
    result = CheckResult(policy)
    cases = []
    for path, text in sorted(files.items()):
        if path.endswith(CASES):
            try:
                cases += read_cases(policy, {path: text})
            except PolicyError as error:
                result.errors.append(error)
    if not result.errors:
        result.errors.extend(missing_cases(policy, cases))
    result.cases = len(cases)
    for case in cases:
        answer = run(policy, case)
        if answer != expected_answer(case):
            result.failing.append(FailingCase(case, answer))
    del result.errors[MAX_ERRORS:], result.failing[MAX_ERRORS:]
    return result


def compile_files(files: Mapping[str, str]) -> Policy:
    """Return the checked policy of a release's files.

    Raises:
        InvalidRequest: they do not check; lists what is wrong and where.

    """
    try:
        return build_policy(files)
    except PolicyError as error:
        raise refused(_refusals(files)) from error


def refused(errors: list[PolicyError]) -> InvalidRequest:
    """Return the problem that lists what is wrong, each at its file."""
    return InvalidRequest(
        Bilingual(
            "该政策版本的文件未通过检查，见 errors；改正后再试。",
            "The files of this release do not check, see errors; correct them and try again.",
        ),
        errors=located(errors),
    )


def located(errors: list[PolicyError]) -> list[tuple[str, str, Bilingual]]:
    """Return the errors as those of a problem document: (pointer to the file, code, words)."""
    return [
        (
            pointer_to(error.place.file),
            error.code,
            Bilingual(
                f"{error.place}：{error.message('zh')}", f"{error.place}: {error.message('en')}"
            ),
        )
        for error in errors
    ]


def pointer_to(path: str) -> str:
    """Return the JSON pointer to a file in the map of files."""
    return "/files/" + path.replace("~", "~0").replace("/", "~1")


def _refusals(files: Mapping[str, str]) -> list[PolicyError]:
    """Return the first mistake of each file, but for those that only follow from another's."""
    errors: list[PolicyError] = []
    aside = set[str]()

    def refuse(error: PolicyError) -> None:
        if not any(error.code in FOLLOWS[folder] for folder in aside):
            errors.append(error)
        aside.add(error.place.file.split("/")[0])

    build_policy(files, refuse)
    return errors[:MAX_ERRORS]
