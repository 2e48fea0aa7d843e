"""The policy's files: reads, checks and tests them.

policy = load_policy()              # the built-in policy, or a directory; raises a PolicyError with file, line, column
files = read_files(directory)       # {path: text}, what a release stores
policy = build_policy(files)
cases = read_cases(policy, files); run(policy, case) == expected_answer(case)
"""

from services.rules.vocabulary.cases import (
    Answer,
    Case,
    expected_answer,
    missing_cases,
    read_cases,
    require_cases,
    run,
)
from services.rules.vocabulary.policy import (
    BUILT_IN,
    build_policy,
    load_policy,
    policy_digest,
    read_files,
)

__all__ = [
    "BUILT_IN",
    "Answer",
    "Case",
    "build_policy",
    "expected_answer",
    "load_policy",
    "missing_cases",
    "policy_digest",
    "read_cases",
    "read_files",
    "require_cases",
    "run",
]
