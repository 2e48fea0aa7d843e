"""What a caller of rules may be allowed to do (权限)."""

from enum import StrEnum


class Scope(StrEnum):
    """The closed set of the scopes of rules."""

    EVALUATIONS_CREATE = "evaluations:create"
    BOARDS_READ = "boards:read"
    POLICY_READ = "policy:read"
    RELEASES_DRAFT = "releases:draft"
    RELEASES_APPROVE = "releases:approve"
    WHAT_IFS_CREATE = "what-ifs:create"
    DETERMINATIONS_CREATE = "determinations:create"
    DETERMINATIONS_READ = "determinations:read"
    RUNS_CREATE = "runs:create"
    RUNS_READ = "runs:read"
    EVENTS_READ = "events:read"
    SET_ASIDE_EVENTS_READ = "set-aside-events:read"
    SET_ASIDE_EVENTS_RETRY = "set-aside-events:retry"
    JOBS_READ = "jobs:read"
    JOBS_CANCEL = "jobs:cancel"
