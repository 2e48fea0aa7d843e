"""What a caller of monitoring may be allowed to do (权限)."""

from enum import StrEnum


class Scope(StrEnum):
    """The closed set of the scopes of monitoring."""

    ZERO_OUT_ITEMS_READ = "zero-out-items:read"
    ZERO_OUT_ITEMS_SIGN_OFF = "zero-out-items:sign-off"
    ZERO_OUT_ITEMS_JUDGE = "zero-out-items:judge"
    EVENTS_READ = "events:read"
    SET_ASIDE_EVENTS_READ = "set-aside-events:read"
    SET_ASIDE_EVENTS_RETRY = "set-aside-events:retry"
    JOBS_READ = "jobs:read"
    JOBS_CANCEL = "jobs:cancel"
